import Entitlements
import Limits
import Service

/// An action on a subscription, as its body says, and why it is done.
struct ActionBody {
    let action: Subscription.Action
    let reason: String?

    /// Reads the body of one kind of action.
    typealias Reader = @Sendable (JSON) throws(Refusal) -> ActionBody

    private init(
        _ body: JSON,
        _ known: Set<String> = [],
        _ read: (Fields) throws(Refusal) -> Subscription.Action
    ) throws(Refusal) {
        let fields = try Fields(body, known: known.union(["reason"]))
        reason = try fields.text("reason")
        action = try read(fields)
    }
}

extension ActionBody {
    /// `{trial_end}` or `{days}`.
    static func extendTrial(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body, ["trial_end", "days"]) { fields throws(Refusal) in
            let end = try fields.instant("trial_end")
            switch (end, try fields.integer("days", in: 1...Limits.trialDays)) {
            case (let end?, nil): return .extendTrial(.to(end))
            case (nil, let days?): return .extendTrial(.by(days: days))
            case (nil, nil):
                throw Refusal(
                    .missingField,
                    "neither trial_end nor days is there",
                    field: "trial_end",
                    remedy: "send the new end, or how many days it is later"
                )
            case (_?, _?):
                throw Refusal(
                    .invalidField,
                    "trial_end and days say the same",
                    field: "days",
                    remedy: "send one of both"
                )
            }
        }
    }

    static func endTrial(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body) { _ throws(Refusal) in .endTrial }
    }

    /// `{at?, until?}`.
    static func pause(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body, ["at", "until"]) { fields throws(Refusal) in
            .pause(from: try fields.instant("at"), until: try fields.instant("until"))
        }
    }

    static func resume(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body) { _ throws(Refusal) in .resume }
    }

    /// `{at?}`: at the end of the period or trial, unless it says otherwise.
    static func cancel(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body, ["at"]) { fields throws(Refusal) in
            .cancel(try fields.effectTime() ?? .periodEnd)
        }
    }

    static func uncancel(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body) { _ throws(Refusal) in .uncancel }
    }

    /// `{plan?, version?, quantity?, at?}`: now, unless it says otherwise.
    static func change(_ body: JSON) throws(Refusal) -> ActionBody {
        try ActionBody(body, ["plan", "version", "quantity", "at"]) { fields throws(Refusal) in
            let version = try fields.version()
            let choice = try fields.name("plan")
                .map { Subscription.PlanChoice(plan: $0, version: version) }
            let quantity = try fields.quantity()
            guard choice != nil || (quantity != nil && version == nil) else {
                throw Refusal(
                    .missingField,
                    version == nil
                        ? "neither plan nor quantity is there"
                        : "version says nothing without plan",
                    field: "plan",
                    remedy: "send what is to change"
                )
            }
            return .change(choice, quantity: quantity, try fields.effectTime() ?? .now)
        }
    }

    /// `{}`, of a call that may have no body at all.
    static func dropChanges(reason: String?) -> ActionBody {
        ActionBody(action: .dropChanges, reason: reason)
    }

    private init(action: Subscription.Action, reason: String?) {
        self.action = action
        self.reason = reason
    }
}

extension Fields {
    /// `"now"`, `"period_end"` or a time.
    fileprivate func effectTime() throws(Refusal) -> Subscription.EffectTime? {
        switch try string("at") {
        case nil: return nil
        case "now": return .now
        case "period_end": return .periodEnd
        case let text?:
            guard let instant = Instant(rfc3339: text) else {
                throw invalid("at", "now, period_end, or a time such as 2026-11-23T15:04:05Z")
            }
            return .at(instant)
        }
    }
}
