import Entitlements
import Synchronization

@testable import Store

/// Checks that are handed over together, and what became of each.
final class Jobs: BarrierClient {
    private struct State {
        var jobs: [BarrierJob] = []
        var completions: [Int] = []
        var views = 0
        var failures: [BarrierFailure] = []
        var absent: [String] = []
        var flushes = 0
        var unflushed = 0
    }

    private let state = Mutex(State())

    var all: [BarrierJob] { state.withLock { $0.jobs } }
    var views: Int { state.withLock { $0.views } }
    var failures: Int { state.withLock { $0.failures.count } }
    var reasons: [BarrierFailure] { state.withLock { $0.failures } }
    /// Accounts whose row, or session's row, looked absent.
    var absent: [String] { state.withLock { $0.absent } }
    var completedTwice: Int { state.withLock { $0.completions.count { $0 > 1 } } }
    var areComplete: Bool { state.withLock { $0.completions.allSatisfy { $0 > 0 } } }
    /// Completions that no flush followed.
    var unflushed: Int { state.withLock { $0.unflushed } }
    var flushes: Int { state.withLock { $0.flushes } }

    func add(session: String? = nil, of account: String? = nil) {
        state.withLock { state in
            let place = state.jobs.count
            state.completions.append(0)
            state.jobs.append(
                BarrierJob(session: session, account: account, client: self) { [self] result in
                    complete(place, session, account, result)
                }
            )
        }
    }

    func submit(to reader: BarrierReader) {
        reader.submit(all)
    }

    /// Returns when every check was completed and its client told.
    func wait() async throws {
        try await StoreTests.wait { areComplete && unflushed == 0 }
    }

    func flush() {
        state.withLock { state in
            state.flushes += 1
            state.unflushed = 0
        }
    }

    private func complete(
        _ place: Int,
        _ session: String?,
        _ account: String?,
        _ result: Result<BarrierView, BarrierFailure>
    ) {
        state.withLock { state in
            state.completions[place] += 1
            state.unflushed += 1
            switch result {
            case .failure(let failure): state.failures.append(failure)
            case .success(let view):
                state.views += 1
                if view.account?.id != account || view.session?.id != session {
                    state.absent.append(account ?? "")
                }
            }
        }
    }
}
