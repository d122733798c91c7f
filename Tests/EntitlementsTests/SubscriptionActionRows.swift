@testable import Entitlements

extension `An action on a subscription`.Row {
    static let (T, soon, later) = (
        `An action on a subscription`.T, `An action on a subscription`.soon,
        `An action on a subscription`.later
    )
    static let before = `An action on a subscription`.before
    static let tried = `An action on a subscription`.tried
    static let trialEnd = T + .seconds(3 * 86_400)

    static func held(
        _ plan: String = "short",
        _ status: Subscription.Status = .active,
        _ change: (inout Subscription) -> Void = { _ in }
    ) -> Subscription {
        `An action on a subscription`.held(plan, status, change)
    }

    static func changing(
        _ subscription: Subscription,
        _ change: (inout Subscription) -> Void
    ) -> Subscription {
        var changed = subscription
        change(&changed)
        return changed
    }

    static let trials = [
        Self("extends to a later end", tried, .extendTrial(.to(later))) { $0.trialEnd = later },
        Self("extends by days", tried, .extendTrial(.by(days: 2))) {
            $0.trialEnd = trialEnd + .seconds(2 * 86_400)
        },
        Self(
            "extends a trial that ended",
            changing(tried) { $0.trialEnd = before },
            .extendTrial(.to(soon))
        ) { $0.trialEnd = soon },
        Self("never shortens", tried, .extendTrial(.to(soon)), refused: .notLater(trialEnd)),
        Self(
            "is not the same end again",
            tried,
            .extendTrial(.to(trialEnd)),
            refused: .notLater(trialEnd)
        ),
        Self("extends trials only", held(), .extendTrial(.to(later)), refused: .notInTrial),
        Self(
            "does not extend over a plan change that waits",
            changing(tried) { $0.planChange = .init(plan: "long", at: trialEnd) },
            .extendTrial(.to(later)),
            refused: .changeWaits(at: trialEnd)
        ),
        Self(
            "has no trial by a plan without one, where it was still to begin",
            changing(tried) { $0.trialStart = soon },
            .change(.init(plan: "bare"), quantity: nil, .now)
        ) {
            $0.plan = "bare"
            $0.trialStart = soon
            $0.trialEnd = soon
        },
        Self("ends a trial now", tried, .endTrial) { $0.trialEnd = T },
        Self(
            "ends no trial that has ended",
            changing(tried) { $0.trialEnd = T },
            .endTrial,
            refused: .notInTrial
        ),
        Self(
            "ends no trial that has not begun",
            changing(tried) { $0.trialStart = soon },
            .endTrial,
            refused: .notInTrial
        ),
        Self("ends no trial where there is none", held(), .endTrial, refused: .notInTrial),
    ]

    static let pauses = [
        Self("pauses from now", held(), .pause(from: nil, until: nil)) {
            $0.pause = .init(from: T)
        },
        Self("pauses for a while", held(), .pause(from: soon, until: later)) {
            $0.pause = .init(from: soon, until: later)
        },
        Self(
            "does not pause the past",
            held(),
            .pause(from: before, until: nil),
            refused: .inThePast(field: "at")
        ),
        Self(
            "does not pause for no time",
            held(),
            .pause(from: soon, until: soon),
            refused: .endsBeforeStart
        ),
        Self(
            "gives a pause an end, and keeps since when",
            held { $0.pause = .init(from: before) },
            .pause(from: nil, until: later)
        ) { $0.pause = .init(from: before, until: later) },
        Self(
            "does not open a pause by beginning another later",
            held { $0.pause = .init(from: before) },
            .pause(from: soon, until: later),
            refused: .isPaused(since: before)
        ),
        Self(
            "takes the place of a pause that waits",
            held { $0.pause = .init(from: soon, until: later) },
            .pause(from: nil, until: nil)
        ) { $0.pause = .init(from: T) },
        Self("resumes", held { $0.pause = .init(from: before) }, .resume) { $0.pause = nil },
        Self("resumes a status", held("short", .paused), .resume) { $0.status = .active },
        Self(
            "drops a pause that waits",
            held { $0.pause = .init(from: soon) },
            .resume
        ) { $0.pause = nil },
        Self("resumes what is not paused", held(), .resume) { _ in },
        Self(
            "pauses what is cancelled, and keeps the end",
            held { $0.cancelAt = later },
            .pause(from: nil, until: nil)
        ) { $0.pause = .init(from: T) },
    ]

    static let cancellations = [
        Self("ends with the period", held(), .cancel(.periodEnd)) { $0.cancelAt = soon },
        Self("needs a period", held(), .cancel(.periodEnd), periodEnd: nil, refused: .noPeriod),
        Self("ends with the trial", tried, .cancel(.periodEnd), periodEnd: nil) {
            $0.cancelAt = trialEnd
        },
        Self("ends at a time", held(), .cancel(.at(later)), periodEnd: nil) { $0.cancelAt = later },
        Self("ends now", held { $0.cancelAt = later }, .cancel(.now), periodEnd: nil) {
            $0.status = .canceled
            $0.cancelAt = nil
            $0.endedAt = T
        },
        Self(
            "does not end in the past",
            held(),
            .cancel(.at(before)),
            refused: .inThePast(field: "at")
        ),
        Self("is once, though done twice", held { $0.cancelAt = soon }, .cancel(.periodEnd)) { _ in
        },
        Self("keeps what is past due", held("short", .pastDue), .cancel(.periodEnd)) {
            $0.cancelAt = soon
        },
        Self(
            "takes the slot of a plan change, and not that of a quantity",
            held {
                $0.planChange = .init(plan: "long", at: later)
                $0.quantityChange = .init(quantity: 2, at: later)
            },
            .cancel(.periodEnd)
        ) {
            $0.planChange = nil
            $0.cancelAt = soon
        },
        Self(
            "ends a pause that has no end, and leaves it",
            held { $0.pause = .init(from: before) },
            .cancel(.periodEnd)
        ) { $0.cancelAt = soon },
        Self("is taken back", held { $0.cancelAt = soon }, .uncancel) { $0.cancelAt = nil },
        Self(
            "is taken back where the status says so",
            held("short", .canceled) { $0.endedAt = soon },
            .uncancel
        ) {
            $0.status = .active
            $0.endedAt = nil
        },
        Self("was never made", held(), .uncancel) { _ in },
    ]
}
