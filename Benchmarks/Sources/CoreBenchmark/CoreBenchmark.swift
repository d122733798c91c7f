import Entitlements
import Harness

/// What one pure decision costs: `decide` for each of 40 features of an account with three
/// subscriptions (a plan, and two add-ons that overlap it) and ten grants, at instants that move on.
package struct CoreBenchmark {
    private let configuration: Configuration
    private let features: [Feature]
    private let account: Account
    private let session: Session
    private let start = Instant(microseconds: 1_800_000_000_000_000)

    package init() {
        features = (0..<40).map { Sample.feature($0) }
        configuration = Sample.configuration(features)
        account = Sample.account(at: start)
        session = Sample.session(at: start)
    }

    /// Nanoseconds for one feature, the median of the rounds.
    package func nanosecondsAFeature(rounds: Int, passes: Int) -> Double {
        _ = pass(passes / 10)
        let costs = (0..<rounds)
            .map { _ in
                let clock = ContinuousClock.now
                let allowed = pass(passes)
                let elapsed = ContinuousClock.now - clock
                // Using the answers keeps the optimiser from leaving the questions out.
                precondition(allowed > 0, "the sample account may use nothing")
                return elapsed.seconds * 1e9 / Double(passes * features.count)
            }
        return costs.median ?? 0
    }

    private func pass(_ count: Int) -> Int {
        var allowed = 0
        for step in 0..<count {
            let at = Instant(microseconds: start.microseconds + Int64(step))
            for feature in features {
                let decision = decide(
                    session: session,
                    account: account,
                    configuration: configuration,
                    feature: feature,
                    at: at
                )
                if decision.allowed { allowed += 1 }
            }
        }
        return allowed
    }
}
