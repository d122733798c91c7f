import NIOCore

// What the channel tells the handler. Once handed over, everything passes through untouched.
extension HotHandler {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { startTimer() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        abandon()
    }

    func channelActive(context: ChannelHandlerContext) {
        startTimer()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .handedOver:
            context.fireChannelRead(data)
        case .open, .turning, .installing:
            take(unwrapInboundIn(data), now: context.eventLoop.now)
            advance()
        case .ending, .closing, .gone:
            break  // the client said, or was told, that nothing follows
        }
    }

    /// Kept from a pipeline that is being built: it is told after it got the bytes.
    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .handedOver { context.fireChannelReadComplete() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.writable(context.channel.isWritable, now: context.eventLoop.now)
        advance()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed where phase != .handedOver:
            isInputClosed = true
            advance()
        case is ChannelShouldQuiesceEvent where phase != .handedOver:
            quiesce(on: context.eventLoop)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Ends the connection; one that is idle after a moment of grace.
    ///
    /// Its client may have sent a request just now, not knowing: that one is answered, and told
    /// that it was the last. Closed at once, it would be lost.
    private func quiesce(on eventLoop: any EventLoop) {
        guard phase == .open, owesNothing, unread.readableBytes == 0, !isInputClosed else {
            isQuiescing = true
            return advance()
        }
        isDraining = true
        let end = eventLoop.assumeIsolated()
        end.scheduleTask(in: TimeAmount(configuration.quiesceGrace)) {
            self.isQuiescing = true
            self.advance()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase != .handedOver else { return context.fireErrorCaught(error) }
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if phase == .handedOver || wantsBytes { context.read() } else { isReadHeld = true }
    }
}
