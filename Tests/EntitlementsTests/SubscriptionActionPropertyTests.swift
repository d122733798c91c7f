import Testing

@testable import Entitlements

/// Actions on random subscriptions whose instants are a few microseconds apart.
@Suite struct `For any subscription, an action` {
    typealias Action = Subscription.Action

    private static func instant(_ random: inout Seeded) -> Instant {
        Instant(microseconds: .random(in: 0...24, using: &random))
    }

    private static func time(_ random: inout Seeded) -> Subscription.EffectTime {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .now
        case 1: .periodEnd
        default: .at(instant(&random))
        }
    }

    private static func action(_ random: inout Seeded) -> Action {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: return .extendTrial(.to(instant(&random)))
        case 1: return .endTrial
        case 2:
            let from = Bool.random(using: &random) ? instant(&random) : nil
            return .pause(from: from, until: Bool.random(using: &random) ? instant(&random) : nil)
        case 3: return .resume
        case 4: return .cancel(time(&random))
        case 5: return .uncancel
        case 6: return .dropChanges
        case 7: return .change(nil, quantity: .random(in: 1...5, using: &random), time(&random))
        default:
            let plan = ["free", "basic", "pro", "extra"].randomElement(using: &random) ?? "pro"
            return .change(.init(plan: plan), quantity: nil, time(&random))
        }
    }

    /// The first instant at which an action may show: that which it names, and that of whatever it
    /// takes the place of.
    private static func effect(
        of action: Action,
        on held: Subscription,
        periodEnd: Instant,
        now: Instant
    ) -> Instant {
        func instant(_ time: Subscription.EffectTime) -> Instant {
            switch time {
            case .now: now
            case .at(let instant): instant
            case .periodEnd: min(periodEnd, held.trialEnd ?? .never)
            }
        }
        let close = held.status == .canceled ? held.endedAt ?? .always : held.close
        let pause = held.pause.map { $0.from <= now ? $0.until ?? .never : $0.from } ?? .never
        switch action {
        case .extendTrial: return held.trialEnd ?? .never
        case .endTrial, .resume: return now
        case .pause(let from, let until):
            let isPaused = held.pause.map { $0.from <= now } ?? false
            return min(isPaused ? until ?? .never : from ?? now, pause)
        case .cancel(let time): return min(instant(time), held.planChange?.at ?? .never, close)
        case .uncancel: return close
        case .dropChanges:
            return min(held.planChange?.at ?? .never, held.quantityChange?.at ?? .never)
        case .change(nil, _, let time):
            return min(instant(time), held.quantityChange?.at ?? .never)
        case .change(_, _, let time):
            return min(instant(time), held.planChange?.at ?? .never, close)
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `shows at its instant and not before`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<400 {
            let made = RandomState(using: &random)
            let now = Self.instant(&random)
            let periodEnd = max(Self.instant(&random), now + .microseconds(1))
            let action = Self.action(&random)
            guard let held = made.account?.subscriptions.first else { continue }
            let given = Subscription.Circumstances(
                now: now,
                configuration: made.configuration,
                periodEnd: periodEnd
            )
            guard let after = try? held.after(action, given) else { continue }
            let settled = held.settled(at: now)
            let effect = Self.effect(of: action, on: settled, periodEnd: periodEnd, now: now)
            for at in now.microseconds..<max(min(effect.microseconds, 40), now.microseconds) {
                let at = Instant(microseconds: at)
                let before = held.state(in: made.configuration, at: at)
                #expect(
                    after.state(in: made.configuration, at: at) == before,
                    "SEED=\(seed) \(action) at \(now.microseconds) shows at \(at.microseconds): \(held)"
                )
            }
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `puts what has passed in its place without anybody noticing`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<400 {
            let made = RandomState(using: &random)
            let now = Self.instant(&random)
            guard let held = made.account?.subscriptions.first else { continue }
            let settled = held.settled(at: now)
            #expect(
                settled.isSame(as: held, from: now, in: made.configuration),
                "SEED=\(seed) at \(now.microseconds): \(held)"
            )
            #expect(settled.settled(at: now) == settled)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `done twice is done once`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<200 {
            let made = RandomState(using: &random)
            let now = Self.instant(&random)
            let given = Subscription.Circumstances(
                now: now,
                configuration: made.configuration,
                periodEnd: now + .microseconds(3)
            )
            let actions = [
                Action.cancel(.now), .cancel(.periodEnd), .resume, .dropChanges,
                .pause(from: nil, until: nil), .change(nil, quantity: 3, .now),
            ]
            guard let held = made.account?.subscriptions.first,
                let action = actions.randomElement(using: &random),
                let once = try? held.after(action, given)
            else { continue }
            // What ended may have freed a slot that could not be emptied before.
            let settled = once.settled(at: now)
            let again = try? once.after(action, given)
            #expect(again == settled, "SEED=\(seed) \(action): \(held)")
        }
    }
}

extension Subscription {
    /// Whether another subscription is the same from an instant on: no decision could tell.
    fileprivate func isSame(
        as other: Subscription,
        from start: Instant,
        in configuration: Configuration
    ) -> Bool {
        (start.microseconds...64).map(Instant.init(microseconds:))
            .allSatisfy { instant in
                let mine = denial(in: configuration, at: instant)
                let others = other.denial(in: configuration, at: instant)
                return state(in: configuration, at: instant)
                    == other.state(in: configuration, at: instant)
                    && mine?.reason == others?.reason && mine?.since == others?.since
            }
    }

    private func denial(
        in configuration: Configuration,
        at instant: Instant
    ) -> (reason: Decision.Reason, since: Instant?)? {
        let (plan, version) = held(at: instant)
        return term(under: configuration.holding(plan, version), in: configuration).term
            .denial(at: instant)
    }
}
