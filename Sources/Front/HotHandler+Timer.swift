import NIOCore

// One timer a connection. A request only moves the deadline; the timer looks again when it fires,
// so that hot requests schedule and cancel nothing.
extension HotHandler {
    /// Sees to it that the timer fires by the deadline.
    func startTimer() {
        guard let context, let due = nextDeadline else { return }
        if let timer {
            guard due < timer.at else { return }
            timer.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.fire() }
        timer = (task, due)
    }

    func cancelTimer() {
        timer?.task.cancel()
        timer = nil
    }

    private func fire() {
        timer = nil
        guard let context, let due = nextDeadline else { return }
        if context.eventLoop.now < due { startTimer() } else { context.close(promise: nil) }
    }

    private var nextDeadline: NIODeadline? {
        switch phase {
        case .open, .turning, .ending, .closing:
            deadlines.next(
                isIdle: phase == .open && owesNothing && unread.readableBytes == 0,
                isReading: phase == .open && !isQuiescing
            )
        case .installing, .handedOver, .gone:
            nil
        }
    }
}
