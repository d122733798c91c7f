import Testing

@testable import Entitlements

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
