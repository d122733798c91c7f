import Front
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded

/// A front on an embedded channel, with a responder that waits and a base that notes what it gets.
final class EmbeddedFront {
    let channel = EmbeddedChannel()
    let responder = WaitingResponder()
    let base = NotingBase()
    private let front: FrontChannel<NotingBase>

    /// What the ordinary pipeline was told, in order.
    var handedOver: [String] { base.notes(on: channel.eventLoop) }
    var isClosed: Bool { !channel.isActive }
    var loop: EmbeddedEventLoop { channel.embeddedEventLoop }

    init(_ configure: (inout FrontConfiguration) -> Void = { _ in }) throws {
        var configuration = FrontConfiguration()
        configure(&configuration)
        front = FrontChannel(
            base: base,
            routes: Self.routes,
            responder: responder,
            configuration: configuration
        )
        channel.allowRemoteHalfClosure = true
        _ = front.setup(channel: channel, logger: Logger(label: "test"))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/front")).wait()
    }

    static let routes = [
        HotRoute(method: "POST", path: "/v1/check", id: 7),
        HotRoute(method: "POST", path: "/v1/check/batch", id: 8),
        HotRoute(method: "GET", path: "/gateway/nginx", id: 9),
        HotRoute(method: "POST", path: "/flags/", takesName: true, id: 10),
    ]

    /// Sends bytes, and ends the tick.
    func send(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        loop.run()
    }

    /// Sends bytes, and does not end the tick.
    func sendWithinTick(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
        loop.run()
    }

    func fire(_ event: any Sendable) {
        channel.pipeline.fireUserInboundEventTriggered(event)
        loop.run()
    }

    /// All that was sent since the last call.
    func sent() throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            text += String(buffer: buffer)
        }
        return text
    }

    /// The bodies of the answers that were sent since the last call.
    func answers() throws -> [String] {
        try sent().components(startingWith: "HTTP/1.1 ").map(\.afterHead)
    }
}

extension String {
    fileprivate func components(startingWith mark: String) -> [String] {
        var rest = self[...]
        var parts: [String] = []
        while let next = rest.dropFirst().firstRange(of: mark) {
            parts.append(String(rest[..<next.lowerBound]))
            rest = rest[next.lowerBound...]
        }
        return rest.isEmpty ? parts : parts + [String(rest)]
    }

    fileprivate var afterHead: String {
        firstRange(of: "\r\n\r\n").map { String(self[$0.upperBound...]) } ?? ""
    }
}
