import Dispatch
import Limits
import Synchronization

/// Ties the cancellation of a task to one statement, so that it can never end another one.
///
/// A cancel that is under way when the statement ends is awaited by ``end()``, before the session's
/// next statement can be sent. A cancel that reached the server between two messages, when there
/// was nothing to end, is sent again until the statement is over.
final class Cancellation: Sendable {
    private struct State {
        var isRunning = false
        var isRequested = false
        var isOnItsWay = false
        var isOver = false
    }

    private static let interval: DispatchTimeInterval = .milliseconds(50)

    private let canceller: Canceller
    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)

    init(_ canceller: Canceller) {
        self.canceller = canceller
    }

    /// Marks the statement as about to be sent; false if it was cancelled before.
    func begin() -> Bool {
        state.withLock { state in
            state.isRunning = !state.isRequested
            return state.isRunning
        }
    }

    /// From any thread, at any time, never blocks.
    func request() {
        let mustSend = state.withLock { state in
            defer { state.isRequested = true }
            guard state.isRunning, !state.isOver, !state.isRequested else { return false }
            state.isOnItsWay = true
            return true
        }
        if mustSend { Canceller.queue.async { self.send() } }
    }

    /// How a statement ended with regard to its cancellation.
    enum End {
        case undisturbed, requested
        /// The request hangs and could still hit something: the session must not be used again.
        case stuck
    }

    /// Marks the statement as answered, and waits for a cancel that is still on its way.
    func end() -> End {
        let (requested, onItsWay) = state.withLock { state in
            state.isOver = true
            return (state.isRequested, state.isOnItsWay)
        }
        guard onItsWay else { return requested ? .requested : .undisturbed }
        let patience = DispatchTime.now() + .milliseconds(Int(Limits.connect.wholeMilliseconds))
        return arrived.wait(timeout: patience) == .success ? .requested : .stuck
    }

    private func send() {
        canceller.cancel()
        let isOver = state.withLock { state in
            state.isOnItsWay = false
            return state.isOver
        }
        if isOver {
            arrived.signal()
        } else {
            Canceller.queue.asyncAfter(deadline: .now() + Self.interval) { self.sendAgain() }
        }
    }

    private func sendAgain() {
        let isNeeded = state.withLock { state in
            state.isOnItsWay = !state.isOver
            return state.isOnItsWay
        }
        if isNeeded { send() }
    }
}
