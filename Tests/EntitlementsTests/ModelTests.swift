import Testing

@testable import Entitlements

/// `explain` on the same random states.
@Suite struct `For any state, an explanation` {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `decides as a check does, and points at what decided`(seed: UInt64) {
        var random = Seeded(seed: seed &+ 1_000)
        for _ in 0..<60 {
            let state = RandomState(using: &random)
            for at in 0...32 as ClosedRange<Int64> {
                let explanation = state.explain(at: at)
                let decision = explanation.decision
                let deciding = explanation.considered.filter(\.decides)
                func place() -> Comment { "SEED=\(seed) at \(at): \(explanation) \(state)" }
                #expect(decision == state.decide(at: at), place())
                #expect(explanation.wouldAllow.isEmpty == decision.allowed, place())
                #expect(deciding.count == (decision.reason == .notInPlan ? 0 : 1), place())
                guard let source = decision.source else { continue }
                let counted = explanation.considered.filter {
                    $0.counts && $0.id == source.id && $0.version == source.version
                }
                #expect(!counted.isEmpty, place())
                #expect(deciding.allSatisfy { $0.step.fits(decision.reason) }, place())
            }
        }
    }
}

extension Explanation.Considered.Step {
    /// Whether a reason is one of this step's.
    fileprivate func fits(_ reason: Decision.Reason) -> Bool {
        switch reason {
        case .sessionUnknown, .sessionRevoked, .sessionExpired: self == .session
        case .accountBlocked: self == .block
        case .deniedByGrant: self == .denyGrant || self == .grant
        case .featureDisabled: self == .switch
        case .gateOff: self == .gate
        case .grant, .grantEnded: self == .grant
        case .defaultPlan: self == .defaultPlan || self == .subscription
        case .plan, .trial, .addon, .pastDueGrace, .trialEnded, .subscriptionEnded,
            .subscriptionPaused, .paymentFailed:
            self == .subscription
        case .noSeat: self == .seat
        case .levelReached: self == .level
        case .credit: self == .credit
        case .quotaExhausted: self == .quota
        case .rateLimited: self == .rate
        case .concurrencyReached: self == .concurrency
        case .notInPlan: false
        }
    }
}

/// `decide` against the rules written down a second time, slowly and without any cleverness, on
/// random states whose instants are a few microseconds apart, so that they often coincide.
@Suite struct `For any state, a decision` {
    static let lastInstant: Int64 = 32

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `is what the rules say, until exactly the instant it names`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<60 {
            let state = RandomState(using: &random)
            let expected = (0...Self.lastInstant).map { state.model(at: $0) }
            for at in 0...Self.lastInstant {
                let answer = state.decide(at: at)
                let model = expected[Int(at)]
                #expect(answer.without == model, "SEED=\(seed) at \(at): \(state)")
                let change = (at...Self.lastInstant).first { expected[Int($0)] != model }
                #expect(
                    answer.validUntil?.microseconds == change,
                    "SEED=\(seed) at \(at): \(state)"
                )
            }
        }
    }
}

extension Decision {
    /// The decision but for how long it holds.
    var without: Decision {
        Decision(
            feature: feature,
            kind: kind,
            allowed: allowed,
            reason: reason,
            source: source,
            value: value,
            limit: limit,
            used: used
        )
    }
}

extension RandomNumberGenerator {
    /// One time in six, what the closure makes.
    mutating func rarely<Value>(_ make: (inout Self) -> Value) -> Value? {
        Int.random(in: 0..<6, using: &self) == 0 ? make(&self) : nil
    }
}
