import Limits
package import NIOCore
package import NIOHTTPTypes

/// Ends a connection whose request does not come to its end in time.
///
/// An idle timeout is put off by every part of a body, so a client that sends a byte now and then
/// would hold its connection for ever; this one runs from a request's head to its end.
package final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart

    private let limit: TimeAmount
    private var timer: Scheduled<Void>?

    package init(limit: Duration = Limits.wholeRequest) {
        self.limit = .seconds(limit.components.seconds)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            timer?.cancel()
            timer = context.eventLoop.assumeIsolated()
                .scheduleTask(in: limit) {
                    context.close(promise: nil)
                }
        case .body: break
        case .end: stop()
        }
        context.fireChannelRead(data)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func stop() {
        timer?.cancel()
        timer = nil
    }
}
