package import Entitlements
package import Flags
import Limits
import Postgres
package import Store

extension UsherService {
    package func flag(_ key: String) async throws -> FlagRecord {
        guard let flag = try await store.flag(key) else { throw Refusal.unknownFlag(key) }
        return flag
    }

    /// Writes a flag's definition, checked beside all others; it is in force at the next check.
    ///
    /// The author says which version was seen, 0 for none yet: with another one it is refused, as it
    /// is with faults, each told with its path (`flag_invalid`).
    package func put(
        flag key: String,
        _ definition: JSON,
        ifVersion expected: Int?,
        reason: String?,
        as author: Author
    ) async throws -> (flag: FlagRecord, isNew: Bool) {
        try await changeFlags(reason, author) { connection, set in
            let old = try await store.flag(key, on: connection)
            try Self.check(expected, old, key)
            try await check(definition, for: key, in: set)
            return (try await store.put(flag: key, definition, on: connection), old == nil)
        }
    }

    /// Takes a flag out; who evaluates it then gets the code's default.
    package func delete(
        flag key: String,
        ifVersion expected: Int?,
        reason: String?,
        as author: Author
    ) async throws {
        try await changeFlags(reason, author) { connection, set in
            try Self.check(expected, try await store.flag(key, on: connection), key)
            let faults = try await gateFaults([(key, nil)]) + set.faults(removing: key)
            guard faults.isEmpty else { throw Refusal.neededFlag(key, faults) }
            guard try await store.delete(flag: key, on: connection) else {
                throw Refusal.unknownFlag(key)
            }
        }
    }

    /// Switches a flag off for everybody, or gives it back to its definition.
    ///
    /// Nothing is checked and nothing approved: it works also where the definition is at fault.
    package func setKilled(
        flag key: String,
        _ isKilled: Bool,
        reason: String?,
        as author: Author
    ) async throws -> FlagRecord {
        var author = author
        author.reason = reason
        return try await store.write(as: author) { connection in
            guard let flag = try await store.setKilled(flag: key, isKilled, on: connection) else {
                throw Refusal.unknownFlag(key)
            }
            return flag
        }
    }

    /// Makes a former definition the present one: as a new version, and checked like any other.
    package func revert(
        flag key: String,
        to version: Int,
        reason: String?,
        as author: Author
    ) async throws -> FlagRecord {
        try await changeFlags(reason ?? "revert to version \(version)", author) { connection, set in
            let found = try await store.version(version, ofFlag: key, on: connection)
            guard let definition = found?.definition else {
                throw Refusal(
                    .unknownFlagVersion,
                    "flag \(key) has no definition of version \(version)",
                    field: "version",
                    remedy: "see GET /v1/flags/\(key)/versions"
                )
            }
            try await check(definition, for: key, in: set)
            return try await store.put(flag: key, definition, on: connection)
        }
    }

    /// All flags and what they share, as one document.
    package func flagDocument() async throws -> FlagDocument {
        try await store.pool.withConnection { try await store.flags(on: $0).document }
    }

    /// Takes the flags of a document in, in one transaction: all of them, or none.
    ///
    /// Others stay, unless it is to be the whole. What the flags share is replaced where the document
    /// has any of it.
    package func importFlags(
        _ json: JSON,
        replacing: Bool,
        dryRun: Bool,
        reason: String?,
        as author: Author
    ) async throws -> FlagImport {
        let document: FlagDocument
        do throws(FlagFaults) {
            document = try FlagDocument(reading: json)
        } catch {
            throw Refusal.invalidFlags(error.all)
        }
        return try await changeFlags(reason, author) { connection, set in
            let step = FlagImport(document, over: set.document, isWhole: replacing)
            let changes = step.written.map { ($0.key, $0.json) } + step.removed.map { ($0, nil) }
            let faults = try await step.faults(over: set) + gateFaults(changes)
            guard faults.isEmpty else { throw Refusal.invalidFlags(faults) }
            guard !dryRun else { return step }
            if step.changesShared { try await store.put(shared: step.result, on: connection) }
            for key in step.removed { _ = try await store.delete(flag: key, on: connection) }
            for flag in step.written {
                _ = try await store.put(flag: flag.key, flag.json, on: connection)
            }
            return step
        }
    }

    private func check(_ definition: JSON, for key: String, in set: FlagSet) async throws {
        let faults =
            try await set.faults(putting: key, definition) + gateFaults([(key, definition)])
        guard faults.isEmpty else { throw Refusal.invalidFlags(faults) }
    }

    /// What stands against definitions, or against none any more (nil), where features have them as
    /// their gates: a gate is there, and says yes or no.
    private func gateFaults(
        _ changes: [(key: String, definition: JSON?)]
    ) async throws -> [FlagFault] {
        let gates = Dictionary(
            grouping: try await barrier.view().live.features.filter { $0.gate != nil },
            by: \.gate
        )
        return changes.flatMap { key, definition in
            let variants = definition?["variants"]?.object
            let isGate =
                definition != nil && (variants?.values.allSatisfy { $0.bool != nil } ?? true)
            return isGate
                ? [] : (gates[key] ?? []).map { FlagFault(key, definition, gateOf: $0.id) }
        }
    }

    private func changeFlags<Answer: Sendable>(
        _ reason: String?,
        _ author: Author,
        _ body: @Sendable (Connection, FlagSet) async throws -> Answer
    ) async throws -> Answer {
        var author = author
        author.reason = reason
        return try await store.write(as: author) { connection in
            try await store.lockFlags(on: connection)
            return try await body(connection, try await store.flags(on: connection))
        }
    }

    private static func check(_ expected: Int?, _ old: FlagRecord?, _ key: String) throws(Refusal) {
        guard let expected, expected != old?.version ?? 0 else { return }
        if expected == 0, let old {
            throw Refusal(
                .versionMismatch,
                "there is a flag \(key) already, at version \(old.version)",
                field: "If-None-Match",
                remedy: "choose another key, or send If-Match with the version to change it"
            )
        }
        throw Refusal(
            .versionMismatch,
            old.map { "flag \(key) is at version \($0.version), not \(expected)" }
                ?? "there is no flag \(key)",
            field: "If-Match",
            remedy: "read the flag again, and make the change on what it is now"
        )
    }
}

extension FlagRecord {
    /// Why it looks forgotten; nil while it does not, and for one that is no flag.
    package func staleness(in view: BarrierView) -> Staleness? {
        view.live.flags.definition(key)?.staleness(at: view.now, window: Limits.flagStaleness)
    }
}

extension Refusal {
    package static func unknownFlag(_ key: String) -> Refusal {
        Refusal(
            .unknownFlag,
            "there is no flag \(key)",
            field: "flag",
            remedy: "make it with PUT /v1/flags/\(key), or check its key: GET /v1/flags"
        )
    }

    static func invalidFlags(_ faults: [FlagFault]) -> Refusal {
        Refusal(
            .flagInvalid,
            "\(faults.count) mistake\(faults.count == 1 ? "" : "s"); nothing was changed. "
                + (faults.first?.description ?? ""),
            field: faults.first?.path,
            remedy: faults.first?.remedy,
            problems: faults.map(\.json)
        )
    }

    fileprivate static func neededFlag(_ key: String, _ faults: [FlagFault]) -> Refusal {
        Refusal(
            .conflict,
            "flag \(key) cannot go: " + faults.map(\.message).joined(separator: "; "),
            field: "flag",
            remedy: faults.first?.remedy,
            problems: faults.map(\.json)
        )
    }
}

extension FlagFault {
    fileprivate init(_ key: String, _ definition: JSON?, gateOf feature: String) {
        let isGone = definition == nil
        self.init(
            path: isGone ? "flags.\(key)" : "flags.\(key).variants",
            message: "feature `\(feature)` has this flag as its gate",
            remedy: isGone
                ? "take the gate off the feature in features.yaml first"
                : "give it the variants true and false, or take the gate off the feature"
        )
    }

    fileprivate var json: JSON {
        ["path": .string(path), "message": .string(message), "remedy": .string(remedy)]
    }
}
