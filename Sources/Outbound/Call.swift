/// One request with who waits for it, from `send` to its end.
struct Call: Sendable {
    typealias Outcome = Result<OutboundResponse, OutboundError>

    let id: UInt64
    let request: OutboundRequest
    let target: Target
    let began: ContinuousClock.Instant
    let continuation: CheckedContinuation<Outcome, Never>

    var deadline: ContinuousClock.Instant { began + request.timeout }

    func end(_ outcome: Outcome) { continuation.resume(returning: outcome) }
}
