import Configuration
import Foundation
import Limits
import Logging
import Outbound
import Service
import Store
import SystemPackage
import Yams

/// What the operator configures: read once, at the start.
struct ServiceSettings: Sendable {
    let host: String
    let port: Int
    /// A libpq URL; nil for the private cluster.
    let databaseURL: String?
    let dataDirectory: String
    let adminKey: String?
    let plansDirectory: String
    let webhooksDirectory: String
    let migrationsDirectory: String
    let openAPIFile: String
    let allowedPrivateNetworks: [CIDR]
    let logLevel: Logger.Level
    let appliesCatalog: Bool
    let allowsTestClocks: Bool
    let eventLoops: Int
    let poolConnections: Int
    let bounds: BarrierBounds
    let usageRetention: UsageRetention
    /// The settings that webhook sources name: secrets, keys, addresses.
    let environment: [String: String]

    /// - Throws: `ServeFailure` that names the setting at fault.
    init(file: String?, overrides: [String: String?]) async throws {
        let environment = ProcessInfo.processInfo.environment
        let given = overrides.compactMap { key, value in
            value.map {
                (AbsoluteConfigKey(Self.path(key)), ConfigValue(.string($0), isSecret: false))
            }
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(values: Dictionary(uniqueKeysWithValues: given)),
            EnvironmentVariablesProvider(environmentVariables: environment),
        ]
        if let file {
            do {
                try Self.checkKeys(of: file)
                let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(file))
                // In a file of Usher's own, `usher` at the head of each name goes without saying.
                providers.append(
                    provider.mapKeys { AbsoluteConfigKey(Array($0.components.dropFirst())) }
                )
            } catch let failure as ServeFailure {
                throw failure
            } catch {
                throw ServeFailure("--config \(file): \(error)")
            }
        }
        try self.init(Values(ConfigReader(providers: providers)), environment: environment)
    }

    private init(_ values: Values, environment: [String: String]) throws {
        self.environment = environment
        host = values.text("host") ?? "127.0.0.1"
        port = try values.number("port", in: 0...65_535) ?? 8_080
        databaseURL = values.text("database.url")
        dataDirectory = values.text("data.dir") ?? ".usher"
        adminKey = values.text("admin.key")
        if let adminKey, !adminKey.hasPrefix("uk_") || adminKey.utf8.count < Limits.adminKeyBytes {
            throw ServeFailure(
                "USHER_ADMIN_KEY: must begin with uk_ and have \(Limits.adminKeyBytes) characters "
                    + "or more, random ones: echo uk_$(openssl rand -hex 24)"
            )
        }
        let folders = Folders()
        plansDirectory = values.text("plans.dir") ?? folders.find("plans")
        webhooksDirectory = values.text("webhooks.dir") ?? folders.find("webhooks")
        migrationsDirectory = values.text("migrations.dir") ?? folders.find("migrations")
        openAPIFile = folders.find("docs/openapi.yaml")
        allowedPrivateNetworks = try values.networks("allowed.private.networks")
        logLevel = try values.level("log.level") ?? .info
        appliesCatalog = values.text("apply.catalog") == "true"
        allowsTestClocks = try values.flag("test.clocks")
        let cores = ProcessInfo.processInfo.activeProcessorCount
        eventLoops = try values.number("event.loops", in: 1...256) ?? max(cores / 2, 1)
        poolConnections =
            try values.number("pool.connections", in: 1...1_000) ?? Limits.poolConnections
        usageRetention = UsageRetention(
            ledgerDays: try values.number("ledger.days", in: 62...36_500) ?? Limits.ledgerDays,
            usageDays: try values.number("usage.days", in: 62...36_500) ?? Limits.usageDays
        )
        bounds = BarrierBounds(
            accounts: try values.number("accounts.held", in: 1...100_000_000)
                ?? Limits.accountsHeld,
            sessions: try values.number("sessions.held", in: 1...100_000_000)
                ?? Limits.sessionsHeld
        )
    }

    /// What a file may set, by its first word.
    private static let fileKeys: Set = [
        "host", "port", "database", "data", "admin", "plans", "webhooks", "migrations", "allowed",
        "log", "apply", "event", "pool", "accounts", "sessions", "test", "ledger", "usage",
    ]

    /// A misspelt setting would otherwise be as good as absent.
    private static func checkKeys(of file: String) throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let keys = (try Yams.load(yaml: text) as? [String: Any])?.keys.sorted() ?? []
        guard let stranger = keys.first(where: { !fileKeys.contains($0) }) else { return }
        throw ServeFailure(
            "--config \(file): there is no setting \(stranger); "
                + "known at the top are \(fileKeys.sorted().joined(separator: ", "))"
        )
    }

    fileprivate static func path(_ key: String) -> [String] {
        ["usher"] + key.split(separator: ".").map(String.init)
    }
}

/// Reads values of all providers, and names the setting when one makes no sense.
private struct Values {
    private let reader: ConfigReader

    init(_ reader: ConfigReader) {
        self.reader = reader
    }

    func text(_ key: String) -> String? {
        let path = ServiceSettings.path(key).joined(separator: ".")
        // A port written as a number in a file is text as well.
        let text =
            reader.string(forKey: ConfigKey(path))
            ?? reader.int(forKey: ConfigKey(path)).map(String.init)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Off unless it is said to be on, in a word that cannot be taken for another.
    func flag(_ key: String) throws -> Bool {
        switch text(key)?.lowercased() {
        case nil:
            let path = ServiceSettings.path(key).joined(separator: ".")
            return reader.bool(forKey: ConfigKey(path)) ?? false
        case "1", "true": return true
        case "0", "false": return false
        default: throw ServeFailure("\(name(key)): must be 1 or 0")
        }
    }

    func number(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = text(key) else { return nil }
        guard let number = Int(text), range ~= number else {
            throw ServeFailure(
                "\(name(key)): must be a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    func level(_ key: String) throws -> Logger.Level? {
        guard let text = text(key) else { return nil }
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let words = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServeFailure("\(name(key)): must be one of \(words)")
        }
        return level
    }

    func networks(_ key: String) throws -> [CIDR] {
        try (text(key) ?? "").split(separator: ",")
            .map { part in
                do {
                    return try CIDR(part.trimmingCharacters(in: .whitespaces))
                } catch {
                    throw ServeFailure("\(name(key)): \(error)")
                }
            }
    }

    private func name(_ key: String) -> String {
        ServiceSettings.path(key).joined(separator: "_").uppercased()
    }
}

/// Finds what is installed beside the program: from the working folder or the program's, upwards.
private struct Folders {
    private let starts: [URL]

    init() {
        let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        starts = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath), program]
    }

    func find(_ name: String) -> String {
        for start in starts {
            var folder = start
            while folder.path != "/" {
                let candidate = folder.appendingPathComponent(name)
                if FileManager.default.fileExists(atPath: candidate.path) { return candidate.path }
                folder.deleteLastPathComponent()
            }
        }
        return name
    }
}
