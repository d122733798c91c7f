import Entitlements
import NIOCore
import NIOPosix

/// An answer as it was read from the socket.
struct RawAnswer: Sendable {
    let status: Int
    /// By lower-case name; the last one of a name.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    /// `null` for what is no JSON.
    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var code: String? { json["code"]?.string }
}

/// A request, written as it is given.
struct RawRequest: Sendable {
    var method = "GET"
    var path: String
    var key: String? = Live.bootstrap
    var headers: [(String, String)] = []
    var body: [UInt8]?

    init(_ method: String, _ path: String, _ body: JSON? = nil) {
        self.method = method
        self.path = path
        self.body = body.map { Array($0.description.utf8) }
        if body != nil { headers = [("Content-Type", "application/json")] }
    }

    func with(key: String?) -> RawRequest {
        var changed = self
        changed.key = key
        return changed
    }

    func with(_ name: String, _ value: String) -> RawRequest {
        var changed = self
        changed.headers.append((name, value))
        return changed
    }

    var bytes: [UInt8] {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: usher.test"]
        if let key { lines.append("Authorization: Bearer \(key)") }
        lines += headers.map { "\($0.0): \($0.1)" }
        if let body { lines.append("Content-Length: \(body.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
    }
}

/// One connection to the service; requests go out in order and so do their answers come back.
struct RawClient {
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received: [UInt8] = []

    /// Connects for as long as the body takes; ends a connection that hangs.
    static func connected<Result: Sendable>(
        to port: Int,
        _ body: (inout RawClient) async throws -> Result
    ) async throws -> Result {
        let socket = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        let channel = socket.channel
        let hang = channel.eventLoop.scheduleTask(in: .seconds(60)) { channel.close(promise: nil) }
        defer { hang.cancel() }
        return try await socket.executeThenClose { inbound, outbound in
            var client = RawClient(iterator: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&client)
        }
    }

    private init(
        iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.iterator = iterator
        self.outbound = outbound
    }

    mutating func send(_ request: RawRequest) async throws -> RawAnswer {
        try await outbound.write(ByteBuffer(bytes: request.bytes))
        while true {
            if let (answer, length) = RawAnswer.parse(received) {
                received.removeFirst(length)
                return answer
            }
            guard let buffer = try await iterator.next(isolation: #isolation) else {
                throw HungUp()
            }
            received += Array(buffer.readableBytesView)
        }
    }
}

/// The service closed the connection before its answer was whole.
struct HungUp: Error {}

extension RawAnswer {
    /// The answer at the beginning of some bytes, and how many it takes; nil if it is not whole.
    fileprivate static func parse(_ bytes: [UInt8]) -> (RawAnswer, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard bytes.count >= end.upperBound + length else { return nil }
        let answer = RawAnswer(
            status: Int(lines[0].split(separator: " ")[1]) ?? 0,
            headers: headers,
            body: Array(bytes[end.upperBound..<(end.upperBound + length)])
        )
        return (answer, end.upperBound + length)
    }
}
