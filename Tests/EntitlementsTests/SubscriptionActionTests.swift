import Testing

@testable import Entitlements

/// Actions as rows: a subscription, what is done at `T`, and what becomes of it.
@Suite struct `An action on a subscription` {
    typealias Action = Subscription.Action
    typealias ActionRefusal = Subscription.ActionRefusal

    static let T = Fixture.T
    static let day: Duration = .seconds(86_400)
    static let soon = T + day
    static let later = T + .seconds(10 * 86_400)
    static let before = T - day

    /// `short` has a trial of 5 days, `long` of 30, `bare` none, `pack` is an add-on.
    static let configuration: Configuration = {
        let days = ["short": 5, "long": 30, "kin": 20]
        let plans = ["short", "long", "kin", "bare", "pack"]
            .map { id in
                Plan(
                    id: id,
                    kind: id == "pack" ? .addon : .plan,
                    family: id == "kin" ? "long" : nil,
                    currentVersion: 2,
                    versions: Dictionary(
                        uniqueKeysWithValues: [1, 2]
                            .map { number in
                                (
                                    number,
                                    PlanVersion(
                                        plan: id,
                                        version: number,
                                        entitlements: [:],
                                        trialDays: days[id]
                                    )
                                )
                            }
                    )
                )
            }
        return Fixture.configuration(plans, defaultPlan: nil)
    }()

    static func held(
        _ plan: String = "short",
        _ status: Subscription.Status = .active,
        _ change: (inout Subscription) -> Void = { _ in }
    ) -> Subscription {
        var held = Subscription(id: "s", plan: plan, status: status)
        change(&held)
        return held
    }

    /// In a trial of `short` since two days, for three more.
    static let tried = held("short", .trialing) {
        $0.trialStart = T - .seconds(2 * 86_400)
        $0.trialEnd = T + .seconds(3 * 86_400)
    }

    static func done(
        _ action: Action,
        to held: Subscription,
        periodEnd: Instant? = soon,
        used: Set<String> = []
    ) -> Result<Subscription, ActionRefusal> {
        let given = Subscription.Circumstances(
            now: T,
            configuration: configuration,
            periodEnd: periodEnd,
            usedTrials: used
        )
        do throws(ActionRefusal) {
            return .success(try held.after(action, given))
        } catch {
            return .failure(error)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let held: Subscription
        let action: Action
        let result: Result<Subscription, ActionRefusal>
        var periodEnd: Instant? = soon
        var used: Set<String> = []

        init(
            _ title: String,
            _ held: Subscription,
            _ action: Action,
            periodEnd: Instant? = soon,
            used: Set<String> = [],
            becomes change: (inout Subscription) -> Void
        ) {
            var changed = held
            change(&changed)
            testDescription = title
            self.held = held
            self.action = action
            self.periodEnd = periodEnd
            self.used = used
            result = .success(changed)
        }

        init(
            _ title: String,
            _ held: Subscription,
            _ action: Action,
            periodEnd: Instant? = soon,
            used: Set<String> = [],
            refused: ActionRefusal
        ) {
            testDescription = title
            self.held = held
            self.action = action
            self.periodEnd = periodEnd
            self.used = used
            result = .failure(refused)
        }
    }

    @Test(arguments: Row.trials + Row.pauses + Row.cancellations + Row.changes)
    func `has its effect or its refusal`(row: Row) {
        let result = Self.done(row.action, to: row.held, periodEnd: row.periodEnd, used: row.used)
        #expect(result == row.result)
    }

    @Test(arguments: [
        Action.extendTrial(.by(days: 1)), .endTrial, .pause(from: nil, until: nil), .resume,
        .uncancel, .change(.init(plan: "long"), quantity: nil, .now),
    ])
    func `on what has ended is refused`(action: Action) {
        for held in [
            Self.held("short", .canceled) { $0.endedAt = Self.T },
            Self.held { $0.cancelAt = Self.T },
            Self.held("short", .trialing) {
                $0.trialEnd = Self.later
                $0.cancelAt = Self.before
            },
            Self.held("short", .incompleteExpired),
        ] {
            guard case .failure(let refusal) = Self.done(action, to: held) else {
                Issue.record("\(action) was done to \(held)")
                continue
            }
            if action == .endTrial {
                #expect(refusal == .notInTrial)
            } else if case .ended = refusal {
                continue
            } else {
                Issue.record("\(refusal)")
            }
        }
    }

    @Test func `to cancel or to drop what waits changes nothing of what has ended`() {
        let ended = Self.held("short", .canceled) { $0.endedAt = Self.before }
        for action in [Action.cancel(.now), .cancel(.periodEnd), .dropChanges] {
            #expect(Self.done(action, to: ended, periodEnd: nil) == .success(ended))
        }
    }

    @Test func `puts what has passed in its place first`() {
        let waited = Self.held("short") {
            $0.planChange = .init(plan: "long", version: 1, at: Self.T)
            $0.quantityChange = .init(quantity: 9, at: Self.before)
            $0.pause = .init(from: Self.before, until: Self.T)
        }
        let settled = Self.held("long") {
            $0.version = 1
            $0.quantity = 9
        }
        #expect(Self.done(.resume, to: waited) == .success(settled))
        #expect(Self.done(.dropChanges, to: waited) == .success(settled))
    }

    @Test func `counts the days of a trial on the clocks of the account`() throws {
        let berlin = try #require(Zone(named: "Europe/Berlin"))
        let start = try #require(Instant(rfc3339: "2026-03-20T11:00:00Z"))
        let trial = Self.held("short", .trialing) {
            $0.trialStart = start
            $0.trialEnd = start + Self.day
        }
        let given = Subscription.Circumstances(
            now: start,
            configuration: Self.configuration,
            zone: berlin
        )
        let extended = try trial.after(.extendTrial(.by(days: 13)), given)
        #expect(extended.trialEnd == Instant(rfc3339: "2026-04-03T10:00:00Z"))
        let changed = try trial.after(
            .change(.init(plan: "long"), quantity: nil, .now),
            given
        )
        #expect(changed.trialEnd == Instant(rfc3339: "2026-04-19T10:00:00Z"))
    }
}
