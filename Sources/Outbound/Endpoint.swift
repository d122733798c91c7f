import CCurl
import Limits
package import Logging
import Synchronization

/// One service that we call, with its rate and its breaker.
///
/// All of its calls go through here.
package final class Endpoint: Sendable {
    /// For metrics; counts since the start.
    package struct Statistics: Sendable, Equatable {
        /// Calls that were sent.
        package var calls: Int
        /// Those of them that ended without an answer, with a 5xx, or with our credentials refused.
        package var failures: Int
        /// Calls that were not sent, because the breaker or the rate did not let them.
        package var refused: Int
        package var breaker: Breaker.Condition

        package init(
            calls: Int = 0,
            failures: Int = 0,
            refused: Int = 0,
            breaker: Breaker.Condition = .closed
        ) {
            self.calls = calls
            self.failures = failures
            self.refused = refused
            self.breaker = breaker
        }
    }

    private struct State {
        var breaker = Breaker()
        var bucket: TokenBucket
        var statistics = Statistics()
    }

    /// Names the endpoint in logs and metrics.
    package let name: String
    private let client: OutboundClient
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - name: Names the endpoint in logs and metrics.
    ///   - client: Shared between endpoints with the same allowed networks.
    ///   - rate: Calls a second. A quarter of them may go at once after a rest.
    ///   - logger: Gets `debug` at most.
    package init(name: String, client: OutboundClient, rate: Int, logger: Logger) {
        self.name = name
        self.client = client
        self.logger = logger
        state = Mutex(State(bucket: TokenBucket(rate: rate, burst: max(rate / 4, 1))))
    }

    package var statistics: Statistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.breaker = state.breaker.condition
            return statistics
        }
    }

    /// Sends one request when breaker and rate allow.
    ///
    /// Waits up to `Limits.callbackRateWait` for its turn; the request's own time starts after.
    /// - Throws: `OutboundError.breakerOpen` with the time to come back, when nothing was sent;
    ///   otherwise what the client throws.
    package func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        try await takeTurn()
        do {
            let response = try await client.send(request)
            var outcome = Self.outcome(of: response)
            if outcome == .rejected, request.mayBeRefused { outcome = .success }
            record(outcome, holding: Self.hold(of: response))
            return response
        } catch {
            record(Self.outcome(of: error), holding: nil)
            throw error
        }
    }

    /// Returns once the call may go; afterwards its outcome must be recorded.
    private func takeTurn() async throws(OutboundError) {
        let wait = try reserve(at: .now)
        // The sleep ends early only when the task is cancelled, which is asked about next.
        if wait > .zero { try? await Task.sleep(for: wait) }
        if Task.isCancelled {
            state.withLock { $0.bucket.giveBack() }
            throw .cancelled
        }
        // Only now: the breaker may have opened while this call waited for its turn.
        let admission = state.withLock { state in
            let admission = state.breaker.admit(at: .now)
            if admission == .go { state.statistics.calls += 1 } else { state.bucket.giveBack() }
            return admission
        }
        if case .wait(let duration) = admission { throw refused(duration) }
    }

    /// Takes a turn of the rate, unless the breaker would refuse the call anyhow.
    private func reserve(at now: Breaker.Instant) throws(OutboundError) -> Duration {
        let turn = state.withLock { state -> TokenBucket.Turn in
            // Asked of a copy, since admitting may make this call the probe.
            var breaker = state.breaker
            if case .wait(let duration) = breaker.admit(at: now) { return .tooLong(duration) }
            return state.bucket.reserve(at: now, most: Limits.callbackRateWait)
        }
        switch turn {
        case .after(let wait): return wait
        case .tooLong(let wait): throw refused(wait)
        }
    }

    private func refused(_ wait: Duration) -> OutboundError {
        state.withLock { $0.statistics.refused += 1 }
        return .breakerOpen(retryAfter: wait)
    }

    private func record(_ outcome: Breaker.Outcome, holding hold: Duration?) {
        let now = Breaker.Instant.now
        let (before, after) = state.withLock { state in
            let before = state.breaker.condition
            if outcome == .failure || outcome == .rejected { state.statistics.failures += 1 }
            state.breaker.record(outcome, at: now)
            if let hold { state.breaker.hold(until: now + hold) }
            return (before, state.breaker.condition)
        }
        if before != after {
            logger.debug(
                "breaker changed",
                metadata: ["endpoint": "\(name)", "from": "\(before)", "to": "\(after)"]
            )
        }
    }
}

// MARK: What an answer says about the endpoint

extension Endpoint {
    static func outcome(of response: OutboundResponse) -> Breaker.Outcome {
        switch response.status {
        case 401, 403: .rejected
        case 500...: .failure
        default: .success
        }
    }

    static func outcome(of error: OutboundError) -> Breaker.Outcome {
        switch error {
        case .cancelled, .invalidURL, .addressRefused, .insecureTransport, .breakerOpen, .shutDown:
            .abandoned
        case .transport(let code, _) where code == ccurl_bad_argument: .abandoned
        // An answer without end is an answer: the endpoint is there.
        case .tooLarge: .success
        case .timeout, .tls, .transport: .failure
        }
    }

    /// How long the endpoint asks to be left alone; on other answers the header means the object.
    static func hold(of response: OutboundResponse) -> Duration? {
        [429, 503].contains(response.status) ? response.retryAfter : nil
    }
}
