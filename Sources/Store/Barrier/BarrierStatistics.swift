import Synchronization

/// What the reader did so far: counts for `/metrics`, kept without slowing it.
package final class BarrierStatistics: Sendable {
    package struct Figures: Sendable {
        package var reads = 0
        package var answered = 0
        package var keysLoaded = 0
        package var keysChanged = 0
        package var fresh = 0
        package var unreadable = 0
        package var accountsHeld = 0
        package var sessionsHeld = 0
        /// Reads by how many checks they answered: up to 1, 4, 16, 64, 256, 1024, more.
        package var batches = [Int](repeating: 0, count: batchBounds.count + 1)
    }

    package static let batchBounds = [1, 4, 16, 64, 256, 1_024]

    private let state = Mutex(Figures())

    package var figures: Figures { state.withLock { $0 } }

    func record(answered: Int, barrier: Barrier, held: (accounts: Int, sessions: Int)) {
        state.withLock { figures in
            figures.reads += 1
            figures.answered += answered
            figures.keysLoaded += barrier.loaded.accounts.count + barrier.loaded.sessions.count
            figures.keysChanged += barrier.changes.count
            if barrier.loaded.configuration != nil { figures.fresh += 1 }
            figures.unreadable += barrier.loaded.unreadable
            figures.accountsHeld = held.accounts
            figures.sessionsHeld = held.sessions
            let place = Self.batchBounds.firstIndex { answered <= $0 } ?? Self.batchBounds.count
            figures.batches[place] += 1
        }
    }
}
