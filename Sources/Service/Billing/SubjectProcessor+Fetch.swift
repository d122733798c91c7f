import Entitlements
import Limits
import Logging
import Outbound
import Postgres
import Store
import Webhooks

extension SubjectProcessor {
    /// Fetches a claimed subject and applies the answer, or gives the claim back with a reason.
    func carryOut(_ claim: ClaimedSubject) async throws {
        do {
            try await fetchAndApply(claim)
        } catch let error as PostgresError where error.isUnavailable || error.kind == .cancelled {
            // Nothing can be written down either; the lease runs out, and somebody tries again.
            throw error
        } catch let error as PostgresError where error.isUnfitValue {
            try await bury(claim, "the provider's answer does not fit the tables: \(error)")
        } catch {
            try await postpone(claim, "it could not be applied: \(error)", steps: Self.retrySteps)
        }
    }

    private func fetchAndApply(_ claim: ClaimedSubject) async throws {
        guard let provider = providers[claim.key.source],
            let kind = Subject.Kind(rawValue: claim.key.kind)
        else {
            let reason = "there is no source \(claim.key.source) at this instance"
            return try await hold(claim, for: Self.refusedWait, reason)
        }
        switch await fetch(Subject(kind: kind, id: claim.key.id), from: provider) {
        case .answer(.subscriptions(let found, let isComplete)):
            try await isComplete
                ? applyCustomer(claim, listed: found.map(\.id))
                : apply(claim, found)
        case .answer(.customerDeleted):
            try await applyCustomer(claim, listed: [])
        case .answer(.gone):
            try await postpone(claim, "the provider knows no such object", steps: Self.goneSteps)
        case .answer(.unauthorized):
            logger.error(
                "the provider refuses our API key",
                metadata: ["source": "\(claim.key.source)"]
            )
            try await hold(claim, for: Self.refusedWait, "the provider refuses our API key")
        case .answer(.rateLimited):
            try await hold(claim, for: .seconds(1), "the provider asks to slow down")
        case .answer(.retry(let reason)):
            try await postpone(claim, reason, steps: Self.retrySteps)
        case .answer(.unusable(let reason)):
            try await bury(claim, reason)
        case .closed(let wait):
            try await hold(claim, for: wait, "the provider takes no calls at present")
        case .failed(let reason):
            try await postpone(claim, reason, steps: Self.retrySteps)
        }
    }

    private enum Fetched {
        case answer(CallbackOutcome)
        /// Nothing was sent: the breaker is open, or the rate is used up.
        case closed(Duration)
        case failed(String)
    }

    private func fetch(_ subject: Subject, from provider: Provider) async -> Fetched {
        do {
            var exchange = try CallbackExchange(source: provider.source, subject: subject)
            while true {
                let response = try await provider.endpoint.send(OutboundRequest(exchange.request))
                let outcome = exchange.receive(status: response.status, body: response.body)
                if case .rateLimited = outcome, let wait = response.retryAfter {
                    return .closed(wait)
                }
                guard let outcome else { continue }
                if let withheld = exchange.withheld {
                    logger.warning(
                        "the provider does not tell: applied without it",
                        metadata: ["subject": "\(subject.id)", "what": "\(withheld)"]
                    )
                }
                return .answer(outcome)
            }
        } catch OutboundError.breakerOpen(let wait) {
            return .closed(wait)
        } catch OutboundError.shutDown {
            return .closed(.zero)
        } catch {
            return .failed("\(error)")
        }
    }

    /// Waits between attempts, in seconds, before full jitter (reference: the callback's result).
    private static let retrySteps: [Double] = [1, 5, 30, 120, 600, 3_600, 21_600]
    /// A 404 is nearly always a wrong account or mode: twice more, and never a revocation.
    private static let goneSteps: [Double] = [300, 3_600]
    /// An operator has to mend it; until then the state stays as it was last verified.
    private static let refusedWait: Duration = .seconds(60)

    /// Tries again after the next step; after the last, or too many attempts, it is a dead letter.
    private func postpone(
        _ claim: ClaimedSubject,
        _ reason: String,
        steps: [Double]
    ) async throws {
        let isLast = steps.count < Self.retrySteps.count && claim.attempts >= steps.count
        guard !isLast, claim.attempts + 1 < Limits.webhookAttempts else {
            return try await bury(claim, reason)
        }
        let step = steps[min(claim.attempts, steps.count - 1)]
        let wait = Duration.seconds(step * Double.random(in: 0.5...1))
        try await store.release(claim, retryAfter: wait, countsAsAttempt: true, error: reason)
    }

    private func hold(
        _ claim: ClaimedSubject,
        for wait: Duration,
        _ reason: String
    ) async throws {
        let wait = min(max(wait, .milliseconds(200)), Limits.retryAfterMost)
        try await store.release(claim, retryAfter: wait, countsAsAttempt: false, error: reason)
    }

    func logDeadLetter(_ claim: ClaimedSubject, _ reason: String) {
        logger.error(
            "a dead letter",
            metadata: [
                "source": "\(claim.key.source)", "subject": "\(claim.key.id)",
                "reason": "\(reason)",
            ]
        )
    }

    func bury(_ claim: ClaimedSubject, _ reason: String) async throws {
        logDeadLetter(claim, reason)
        try await store.release(claim, retryAfter: nil, countsAsAttempt: true, error: reason)
    }
}

extension PostgresError {
    /// A value that no table takes (classes 22 and 23): the same answer would be refused again.
    fileprivate var isUnfitValue: Bool {
        kind == .server && (sqlState?.hasPrefix("22") == true || sqlState?.hasPrefix("23") == true)
    }
}

extension OutboundRequest {
    fileprivate init(_ request: CallbackRequest) {
        self.init(
            url: request.url,
            headers: request.headers.map { ($0.name, $0.value) },
            mayBeRefused: request.isOptional
        )
    }
}
