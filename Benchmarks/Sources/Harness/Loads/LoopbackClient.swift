import Glibc

/// One kept-alive HTTP connection to a server on 127.0.0.1, for probes one after the other.
///
/// Blocking on purpose: what it measures should not include anybody's scheduler but the kernel's.
package final class LoopbackClient {
    /// An answer's status and body.
    package struct Answer {
        package let status: Int
        package let body: String
    }

    private static let patienceSeconds = 5
    private let descriptor: Int32
    private let head: String

    /// Connects; `key` is sent as bearer with every request.
    package init(port: Int, key: String) throws {
        head = "Host: 127.0.0.1:\(port)\r\nAuthorization: Bearer \(key)\r\n"
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkError("no socket: errno \(errno)") }
        guard Self.connect(descriptor, port) else {
            let code = errno
            close(descriptor)
            throw BenchmarkError("cannot connect to 127.0.0.1:\(port): errno \(code)")
        }
    }

    deinit { close(descriptor) }

    /// Sends one request and waits for its answer, five seconds at most.
    package func send(_ method: String, _ path: String, json: String? = nil) throws -> Answer {
        let body = json ?? ""
        let type = json == nil ? "" : "Content-Type: application/json\r\n"
        let length = json == nil ? "" : "Content-Length: \(body.utf8.count)\r\n"
        try write("\(method) \(path) HTTP/1.1\r\n\(head)\(type)\(length)\r\n\(body)")
        return try readAnswer()
    }

    private static func connect(_ descriptor: Int32, _ port: Int) -> Bool {
        var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        var yes: Int32 = 1
        let flag = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, flag)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func write(_ request: String) throws {
        var rest = Array(request.utf8)[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor,
                    $0.baseAddress,
                    $0.count,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard sent > 0 else { throw BenchmarkError("sending failed: errno \(errno)") }
            rest = rest.dropFirst(sent)
        }
    }

    private func readAnswer() throws -> Answer {
        var received: [UInt8] = []
        while true {
            if let answer = Self.parse(received) { return answer }
            var chunk = [UInt8](repeating: 0, count: 16_384)
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { throw BenchmarkError("no answer: errno \(errno)") }
            received += chunk[..<count]
        }
    }

    /// An answer with a Content-Length, once it is all there.
    static func parse(_ received: [UInt8]) -> Answer? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let length = lines.lazy.map { $0.lowercased() }
            .first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
        let body = text[end.upperBound...]
        guard let length, body.utf8.count >= length, let first = lines.first,
            let status = Int(first.dropFirst(9).prefix(3))
        else { return nil }
        return Answer(status: status, body: String(body))
    }
}
