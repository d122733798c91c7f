import Foundation
import Glibc

/// A plain HTTP/1.1 server on loopback: one blocking thread a connection, one answer a request.
final class LoopbackServer: Sendable {
    /// The bytes to send for a request line's target; nil closes the connection without an answer.
    typealias Responder = @Sendable (_ target: String) -> [UInt8]?

    let port: UInt16
    private let listener: Int32

    init(_ respond: @escaping Responder) throws {
        (listener, port) = try Self.listen()
        Thread.detachNewThread { [listener] in Self.acceptAll(listener, respond) }
    }

    /// Ends the listener, and with it its thread.
    func stop() {
        _ = shutdown(listener, Int32(SHUT_RDWR))
    }

    /// An answer with a JSON body, its length and its status.
    static func answer(_ status: Int, headers: [String] = [], body: [UInt8]) -> [UInt8] {
        let head = [
            "HTTP/1.1 \(status) Status", "Content-Type: application/json",
            "Content-Length: \(body.count)",
        ]
        return Array(((head + headers).joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private static func acceptAll(_ listener: Int32, _ respond: @escaping Responder) {
        while true {
            let peer = accept(listener, nil, nil)
            guard peer >= 0 else { break }
            Thread.detachNewThread {
                serve(peer, respond)
                _ = close(peer)
            }
        }
        _ = close(listener)
    }

    /// Callbacks are GETs without a body, so a request ends with its head.
    private static func serve(_ peer: Int32, _ respond: Responder) {
        var received: [UInt8] = []
        while true {
            while let end = received.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                received.removeSubrange(..<end.upperBound)
                let target = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                guard let answer = respond(target), send(answer, to: peer) else { return }
            }
            var buffer = [UInt8](repeating: 0, count: 16_384)
            // The buffer is passed for the length of the call.
            let count = unsafe recv(peer, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            received += buffer[..<count]
        }
    }

    private static func send(_ bytes: [UInt8], to peer: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The slice is passed for the length of the call.
            let sent = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(peer, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
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
                guard unsafe bind(listener, address, size) == 0, Glibc.listen(listener, 128) == 0
                else { return Int32(-1) }
                return unsafe getsockname(listener, address, &size)
            }
        }
        guard code == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
