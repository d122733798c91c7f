import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// A pipeline that notes what it gets, in the place of Hummingbird's.
final class NotingBase: ServerChildChannel {
    struct Value: ServerChildChannelValue { let channel: any Channel }

    private let handlers = Mutex<[NIOLoopBound<NotingHandler>]>([])
    private let delayed = Mutex<EventLoopPromise<Void>?>(nil)

    /// Lets the set-up of the pipeline complete only with this promise.
    func delay(until promise: EventLoopPromise<Void>) {
        delayed.withLock { $0 = promise }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let built = channel.eventLoop.makeCompletedFuture {
            let handler = NotingHandler()
            try channel.pipeline.syncOperations.addHandler(handler)
            handlers.withLock { $0.append(NIOLoopBound(handler, eventLoop: channel.eventLoop)) }
            return Value(channel: channel)
        }
        guard let promise = delayed.withLock({ $0 }) else { return built }
        return built.and(promise.futureResult).map(\.0)
    }

    func handle(value: Value, logger: Logger) async {}

    func notes(on eventLoop: any EventLoop) -> [String] {
        handlers.withLock { $0.flatMap(\.value.notes) }
    }
}

final class NotingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var notes: [String] = []

    func channelActive(context: ChannelHandlerContext) { notes.append("active") }
    func channelInactive(context: ChannelHandlerContext) { notes.append("inactive") }

    /// Noted once: after a handover within a read, the channel's own follows the front's.
    func channelReadComplete(context: ChannelHandlerContext) {
        if notes.last != "complete" { notes.append("complete") }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        notes.append(String(buffer: unwrapInboundIn(data)))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: notes.append("input closed")
        case is ChannelShouldQuiesceEvent: notes.append("quiesce")
        default: notes.append("\(event)")
        }
    }
}
