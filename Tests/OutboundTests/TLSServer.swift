import Foundation
import Testing

/// An HTTPS server by `openssl s_server`, with an authority and certificates of its own.
final class TLSServer {
    let directory: URL
    let port: Int
    private let process: Process

    var authority: String { path("ca.pem") }

    /// Starts one whose certificate is made out to `IP:127.0.0.1`, `DNS:other.example` or the like.
    init(name: String, selfSigned: Bool = false, options: [String] = []) throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("outbound-\(UUID().uuidString)")
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Self.makeCertificates(in: directory, name: name, selfSigned: selfSigned)
        func path(_ file: String) -> String { directory.appendingPathComponent(file).path }
        process = Self.openssl(
            ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", path("server.pem")]
                + ["-key", path("server.key")] + options
        )
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = Pipe()
        try process.run()
        port = try Self.announcedPort(output.fileHandleForReading)
    }

    deinit {
        // SIGTERM is blocked in the threads that spawn, and a child inherits that.
        _ = kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    private func path(_ file: String) -> String { directory.appendingPathComponent(file).path }

    private static func makeCertificates(
        in directory: URL,
        name: String,
        selfSigned: Bool
    ) throws {
        func path(_ file: String) -> String { directory.appendingPathComponent(file).path }
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        try run(
            ["req", "-x509", "-subj", "/CN=Test authority", "-out", path("ca.pem")] + key
                + ["-keyout", path("ca.key")]
        )
        let signer = selfSigned ? [] : ["-CA", path("ca.pem"), "-CAkey", path("ca.key")]
        try run(
            ["req", "-x509", "-subj", "/CN=server", "-addext", "subjectAltName=\(name)"] + key
                + ["-addext", "basicConstraints=critical,CA:FALSE"] + signer
                + ["-out", path("server.pem"), "-keyout", path("server.key")]
        )
    }

    /// Reads `ACCEPT 127.0.0.1:41234`.
    private static func announcedPort(_ output: FileHandle) throws -> Int {
        var text = ""
        while true {
            let data = output.availableData
            guard !data.isEmpty else { throw Unexpected() }
            text += String(decoding: data, as: UTF8.self)
            let line = text.components(separatedBy: "\n").dropLast().first { $0.contains("ACCEPT") }
            if let port = line?.split(separator: ":").last.flatMap({ Int($0) }) { return port }
        }
    }

    private static func run(_ arguments: [String]) throws {
        let process = openssl(arguments)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unexpected() }
    }

    private static func openssl(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
