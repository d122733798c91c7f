import NIOCore
import NIOPosix

/// An answer as it was read from the socket.
struct RawAnswer: Sendable, Equatable, CustomStringConvertible {
    let status: Int
    let body: String
    let isHot: Bool

    var description: String { "\(status) \(body)" }

    static func == (left: Self, right: Self) -> Bool {
        left.status == right.status && left.body == right.body
    }
}

/// A client that sends bytes as they are given.
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
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        let channel = socket.channel
        let hang = channel.eventLoop.scheduleTask(in: .seconds(20)) { channel.close(promise: nil) }
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

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }
    func sendNoMore() { outbound.finish() }

    /// The next answer; nil when the server closed before it was whole.
    mutating func answer() async throws -> RawAnswer? {
        while true {
            if let (answer, length) = RawAnswer.parse(received) {
                received.removeFirst(length)
                return answer
            }
            guard let buffer = try await iterator.next(isolation: #isolation) else { return nil }
            received += Array(buffer.readableBytesView)
        }
    }

    /// All answers until the server closes; a reset ends them too.
    mutating func answers() async -> [RawAnswer] {
        var answers: [RawAnswer] = []
        while let answer = try? await answer() { answers.append(answer) }
        return answers
    }
}

extension RawAnswer {
    /// The answer at the beginning of some bytes, and how many it takes; nil if it is not whole.
    fileprivate static func parse(_ bytes: [UInt8]) -> (RawAnswer, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n").map { $0.lowercased() }
        let length =
            lines.first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        guard bytes.count >= end.upperBound + length else { return nil }
        let body = bytes[end.upperBound..<(end.upperBound + length)]
        let answer = RawAnswer(
            status: Int(lines[0].split(separator: " ")[1]) ?? 0,
            body: String(decoding: body, as: UTF8.self),
            isHot: lines.contains("x-hot: yes")
        )
        return (answer, end.upperBound + length)
    }
}
