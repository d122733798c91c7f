import NIOCore

// The two ways in which a connection leaves the front.
extension HotHandler {
    /// Builds the ordinary pipeline and gives it the unread bytes.
    ///
    /// It is built now and not before, because its idle timeout would see no requests and close
    /// a connection that is busy here.
    func handOver() {
        guard let context else { return }
        phase = .installing
        cancelTimer()
        base.install().assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success: self.replay()
                case .failure: context.close(promise: nil)
                }
            }
    }

    /// Lets the ordinary pipeline see what happened since it should have been there.
    private func replay() {
        guard phase == .installing, let context else { return }
        phase = .handedOver
        let bytes = unread
        unread = ByteBuffer()
        context.fireChannelActive()
        if bytes.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(bytes))
            context.fireChannelReadComplete()
        }
        if isInputClosed { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if isQuiescing || isDraining {
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        if isReadHeld { context.read() }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// Closes once everything is written: closing at once would drop what is not.
    func closeAfterWrites() {
        guard let context else { return }
        phase = .closing
        deadlines.closing(now: context.eventLoop.now)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated()
            .whenComplete { _ in
                self.context?.close(promise: nil)
            }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }
}
