import ArgumentParser
import Entitlements

extension SubscriptionsCommand {
    struct Put: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create or replace a subscription that no billing source feeds.",
            discussion: """
                It replaces the whole: what is left out takes its default. Times are RFC 3339, or \
                a span from now such as 14d.

                  usher subscriptions put sub_1 --account acme --plan pro
                  usher subscriptions put sub_1 --account acme --plan pro --status trialing
                """,
            aliases: ["set"]
        )

        @OptionGroup var subscription: SubscriptionArgument

        @Option(help: "The plan or add-on.")
        var plan: String

        @Option(help: "trialing, active, past_due, unpaid, paused, canceled, … Default: active.")
        var status: String?

        @Option(help: "How many. Default: 1.")
        var quantity: Int64?

        @Option(
            help: ArgumentHelp(
                "The plan's version to stay on. Default: follow the plan.",
                valueName: "version"
            )
        )
        var planVersion: Int64?

        @Flag(help: "A means of payment is known, so that the trial's end waits for the payment.")
        var paymentMethod = false

        @Option(
            help: ArgumentHelp(
                "What the end of its trial does: cancel, pause or fallback. Default: the plan's.",
                valueName: "what"
            )
        )
        var trialAtEnd: String?

        @OptionGroup(title: "Times") var times: SubscriptionTimes
        @OptionGroup(title: "Periods") var period: SubscriptionPeriod
        @OptionGroup(title: "Scheduled changes") var changes: ScheduledChanges
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = ["plan": .string(plan)]
            body.set("status", status)
            body.set("quantity", quantity)
            body.set("version", planVersion)
            body.set("trial_at_end", trialAtEnd)
            if paymentMethod { body["payment_method"] = true }
            times.set(in: &body)
            period.set(in: &body)
            changes.set(in: &body)
            return .put(subscription.path, body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).held]
        }
    }
}

/// The dates that a subscription may have.
struct SubscriptionTimes: ParsableArguments {
    @Option(help: .time("When it begins to entitle."), transform: TimeArgument.init)
    var startsAt: TimeArgument?

    @Option(help: .time("When its trial began."), transform: TimeArgument.init)
    var trialStart: TimeArgument?

    @Option(
        help: .time("When its trial ends. Default: the plan's days after its start."),
        transform: TimeArgument.init
    )
    var trialEnd: TimeArgument?

    @Option(help: .time("When it ends by itself."), transform: TimeArgument.init)
    var cancelAt: TimeArgument?

    @Option(help: .time("When it ended."), transform: TimeArgument.init)
    var endedAt: TimeArgument?

    @Option(help: .time("Since when a payment is owed."), transform: TimeArgument.init)
    var pastDueSince: TimeArgument?

    @Option(help: .time("When its pause begins."), transform: TimeArgument.init)
    var pausedFrom: TimeArgument?

    @Option(help: .time("When its pause ends."), transform: TimeArgument.init)
    var pausedUntil: TimeArgument?

    func set(in body: inout [String: JSON]) {
        body.set("starts_at", startsAt)
        body.set("trial_start", trialStart)
        body.set("trial_end", trialEnd)
        body.set("cancel_at", cancelAt)
        body.set("ended_at", endedAt)
        body.set("past_due_since", pastDueSince)
        body.set("paused_from", pausedFrom)
        body.set("paused_until", pausedUntil)
    }
}

/// What a subscription is paid for at a time.
struct SubscriptionPeriod: ParsableArguments {
    @Option(help: .time("When its billing period began."), transform: TimeArgument.init)
    var periodStart: TimeArgument?

    @Option(help: .time("When its billing period ends."), transform: TimeArgument.init)
    var periodEnd: TimeArgument?

    @Option(help: .time("From when its periods are counted."), transform: TimeArgument.init)
    var periodAnchor: TimeArgument?

    @Option(
        help: ArgumentHelp("Its unit: hour, day, week, month, quarter, year.", valueName: "unit")
    )
    var periodEvery: String?

    @Option(help: ArgumentHelp("Of how many units it is.", valueName: "count"))
    var periodCount: Int64?

    func set(in body: inout [String: JSON]) {
        body.set("period_start", periodStart)
        body.set("period_end", periodEnd)
        body.set("period_anchor", periodAnchor)
        body.set("period_every", periodEvery)
        body.set("period_count", periodCount)
    }
}

/// What a subscription will be: another plan, another quantity, each at its instant.
struct ScheduledChanges: ParsableArguments {
    @Option(help: ArgumentHelp("The plan that it will be of.", valueName: "plan"))
    var changePlan: String?

    @Option(
        help: ArgumentHelp(
            "That plan's version to stay on. Default: follow it.",
            valueName: "version"
        )
    )
    var changeVersion: Int64?

    @Option(help: .time("When it will be of that plan."), transform: TimeArgument.init)
    var changeAt: TimeArgument?

    @Option(help: ArgumentHelp("How many it will be.", valueName: "quantity"))
    var changeQuantity: Int64?

    @Option(help: .time("When it will be that many."), transform: TimeArgument.init)
    var changeQuantityAt: TimeArgument?

    func validate() throws {
        guard (changePlan == nil) == (changeAt == nil) else {
            throw ValidationError("--change-plan and --change-at go together.")
        }
        guard changeVersion == nil || changePlan != nil else {
            throw ValidationError("--change-version goes with --change-plan.")
        }
        guard (changeQuantity == nil) == (changeQuantityAt == nil) else {
            throw ValidationError("--change-quantity and --change-quantity-at go together.")
        }
    }

    func set(in body: inout [String: JSON]) {
        var change: [String: JSON] = [:]
        change.set("plan", changePlan)
        change.set("version", changeVersion)
        change.set("at", changeAt)
        if !change.isEmpty { body["change"] = .object(change) }
        var quantity: [String: JSON] = [:]
        quantity.set("quantity", changeQuantity)
        quantity.set("at", changeQuantityAt)
        if !quantity.isEmpty { body["quantity_change"] = .object(quantity) }
    }
}

extension ArgumentHelp {
    /// The help of an option that takes a time.
    static func time(_ abstract: String) -> ArgumentHelp {
        ArgumentHelp(abstract, valueName: "time")
    }
}
