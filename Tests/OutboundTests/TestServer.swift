import Foundation
import Glibc
import Synchronization

/// A plain HTTP server on loopback, one blocking thread a connection, that can misbehave.
final class TestServer: Sendable {
    /// Answers one request; false closes the connection afterwards.
    typealias Behaviour = @Sendable (_ request: TestRequest, _ peer: Peer) -> Bool

    let port: UInt16
    /// Connections that were accepted, and those that have ended.
    let accepted = Signal()
    let ended = Signal()
    /// Requests that have arrived.
    let arrived = Signal()
    let connections = Gauge()
    private let log = Mutex<[TestRequest]>([])
    private let listener: Int32

    var requests: [TestRequest] { log.withLock { $0 } }

    func url(_ path: String = "/", host: String = "127.0.0.1", scheme: String = "http") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    init(_ behaviour: @escaping Behaviour) throws {
        (listener, port) = try Self.listen()
        Thread.detachNewThread { [self] in acceptAll(behaviour) }
    }

    /// Ends the listener, and with it its thread.
    func stop() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptAll(_ behaviour: @escaping Behaviour) {
        while true {
            let peer = accept(listener, nil, nil)
            guard peer >= 0 else { break }
            accepted.fire()
            connections.enter()
            Thread.detachNewThread { [self] in
                serve(Peer(socket: peer), behaviour)
                connections.leave()
                _ = close(peer)
                ended.fire()
            }
        }
        _ = close(listener)
    }

    private func serve(_ peer: Peer, _ behaviour: Behaviour) {
        while let request = peer.readRequest() {
            log.withLock { $0.append(request) }
            arrived.fire()
            guard behaviour(request, peer) else { return }
        }
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = socket(
            AF_INET,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The address lives on this frame for the length of the three calls.
        let code = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(listener, address, size) == 0, Glibc.listen(listener, 512) == 0
                else { return Int32(-1) }
                return unsafe getsockname(listener, address, &size)
            }
        }
        guard code == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

/// A request as it arrived.
struct TestRequest: Sendable {
    /// Request line and headers, without the empty line.
    let head: String
    let body: String

    var lines: [String] { head.components(separatedBy: "\r\n") }

    func header(_ name: String) -> String? {
        let prefix = name.lowercased() + ":"
        return lines.dropFirst().first { $0.lowercased().hasPrefix(prefix) }
            .map { $0.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces) }
    }
}

/// The server's end of one connection.
struct Peer: Sendable {
    let socket: Int32

    /// Sends all of it; false when the client is gone.
    @discardableResult
    func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // The slice is passed for the length of the call.
            let sent = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "ok") {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Stays silent until the client has closed its end; false, to close ours as well.
    func waitForEnd() -> Bool {
        while read() != nil {}
        return false
    }

    func readRequest() -> TestRequest? {
        var bytes: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let range = bytes.firstRange(of: end) {
                let head = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
                let length = TestRequest(head: head, body: "").header("Content-Length")
                let wanted = range.upperBound + (length.flatMap { Int($0) } ?? 0)
                if bytes.count >= wanted {
                    let body = String(decoding: bytes[range.upperBound..<wanted], as: UTF8.self)
                    return TestRequest(head: head, body: body)
                }
            }
            guard let more = read() else { return nil }
            bytes += more
            // A TLS client greets with 0x16; it gets an answer as well, which it cannot read.
            if bytes.first == 0x16 { return TestRequest(head: "", body: "") }
        }
    }

    private func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // The buffer is passed for the length of the call.
        let count = unsafe recv(socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }
}
