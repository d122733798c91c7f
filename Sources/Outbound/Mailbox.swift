import Synchronization

/// Where callers and the worker meet: the only state that both touch.
final class Mailbox: Sendable {
    enum Letter: Sendable {
        case start(Call)
        case cancel(UInt64)
    }

    private enum Phase { case open, closing, closed }

    // The waker is only ever called under the lock, and taken back before its multi handle is freed.
    @safe private struct State {
        var phase = Phase.open
        var letters: [Letter] = []
        /// Set while the worker polls; gone before its multi handle is.
        var waker: MultiHandle.Waker?
        var leaving: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Hands a call over; false once the client is shutting down, and then nobody will answer it.
    func start(_ call: Call) -> Bool {
        state.withLock { state in
            guard state.phase == .open else { return false }
            Self.post(.start(call), to: &state)
            return true
        }
    }

    func cancel(_ id: UInt64) {
        state.withLock { state in
            guard state.phase == .open else { return }
            Self.post(.cancel(id), to: &state)
        }
    }

    func close() {
        state.withLock { state in
            guard state.phase == .open else { return }
            state.phase = .closing
            unsafe state.waker?.wake()
        }
    }

    /// Closes, and returns once the worker has let go of everything.
    func closeAndWait() async {
        close()
        await withCheckedContinuation { continuation in
            let gone = state.withLock { state in
                guard state.phase != .closed else { return true }
                state.leaving.append(continuation)
                return false
            }
            if gone { continuation.resume() }
        }
    }

    // A wake-up from within the lock cannot reach a multi handle that is gone: the worker takes the
    // waker back under the same lock before it frees the handle.
    private static func post(_ letter: Letter, to state: inout State) {
        state.letters.append(letter)
        if state.letters.count == 1 { unsafe state.waker?.wake() }
    }
}

// MARK: The worker's side

extension Mailbox {
    /// Wakes the worker from now on.
    ///
    /// Letters that came earlier are read before its first poll.
    func opened(waker: MultiHandle.Waker) {
        state.withLock { state in unsafe state.waker = waker }
    }

    /// Empties the box; `closing` says that these are the last letters.
    func empty() -> (letters: [Letter], closing: Bool) {
        state.withLock { state in
            defer { state.letters.removeAll(keepingCapacity: true) }
            return (state.letters, state.phase != .open)
        }
    }

    /// Takes the waker back.
    ///
    /// Afterwards the multi handle may be freed.
    func sealed() {
        state.withLock { state in unsafe state.waker = nil }
    }

    /// Tells those who wait for it that everything is let go of.
    func closed() {
        let leaving = state.withLock { state in
            state.phase = .closed
            defer { state.leaving.removeAll() }
            return state.leaving
        }
        for continuation in leaving { continuation.resume() }
    }
}
