import ArgumentParser
import Entitlements

struct SubscriptionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscriptions",
        abstract: "An account's holds on plans and add-ons.",
        subcommands: [Put.self, List.self, Delete.self]
    )

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create or replace a subscription that no billing source feeds.",
            discussion: """
                What is left out takes its default. Times are RFC 3339, or a span from now \
                such as 14d.

                  usher subscriptions put sub_1 --account acme --plan pro
                  usher subscriptions put sub_1 --account acme --plan pro --status trialing \
                --trial-end 14d
                """
        )

        @Argument(help: "The subscription's id.")
        var subscription: String

        @Option(help: "The account.")
        var account: String

        @Option(help: "The plan or add-on.")
        var plan: String

        @Option(help: "trialing, active, past_due, unpaid, paused, canceled, … Default: active.")
        var status: String?

        @Option(help: "How many. Default: 1.")
        var quantity: Int64?

        @Option(help: "The plan's version to stay on. Default: follow the plan.")
        var planVersion: Int64?

        @OptionGroup(title: "Times") var times: SubscriptionTimes
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            var body: [String: JSON] = ["plan": .string(plan)]
            body.set("status", status)
            body.set("quantity", quantity)
            body.set("version", planVersion)
            times.set(in: &body)
            let path = ["v1", "accounts", account, "subscriptions", subscription]
            let request = APIRequest(method: "PUT", path: path, body: .json(.object(body)))
            try await service.run(request) { answer, terminal in
                SubscriptionsCommand.table([answer]).lines(on: terminal)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's subscriptions, in the order in which they were made."
        )

        @Option(help: "The account.")
        var account: String

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let request = APIRequest.get(
                "v1",
                "accounts",
                account,
                "subscriptions",
                query: page.query
            )
            try await service.run(request) { answer, terminal in
                PageOptions.show(answer, on: terminal, nothing: "no subscriptions") {
                    SubscriptionsCommand.table($0)
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a subscription away; the change log keeps it."
        )

        @Argument(help: "The subscription's id.")
        var subscription: String

        @Option(help: "The account.")
        var account: String

        @Option(help: "Why; kept in the change log.")
        var reason: String?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let request = APIRequest.delete(
                "v1",
                "accounts",
                account,
                "subscriptions",
                subscription,
                reason: reason
            )
            try await service.run(request) { _, _ in ["\(subscription.printable) is gone"] }
        }
    }
}

/// The dates that a subscription may have.
struct SubscriptionTimes: ParsableArguments {
    @Option(help: "When it begins to entitle.") var startsAt: TimeArgument?
    @Option(help: "When its trial ends.") var trialEnd: TimeArgument?
    @Option(help: "When its billing period began.") var periodStart: TimeArgument?
    @Option(help: "When its billing period ends.") var periodEnd: TimeArgument?
    @Option(help: "When it ends by itself.") var cancelAt: TimeArgument?
    @Option(help: "When it ended.") var endedAt: TimeArgument?
    @Option(help: "Since when a payment is owed.") var pastDueSince: TimeArgument?

    func set(in body: inout [String: JSON]) {
        body.set("starts_at", startsAt)
        body.set("trial_end", trialEnd)
        body.set("period_start", periodStart)
        body.set("period_end", periodEnd)
        body.set("cancel_at", cancelAt)
        body.set("ended_at", endedAt)
        body.set("past_due_since", pastDueSince)
    }
}

extension SubscriptionsCommand {
    private static func table(_ subscriptions: ArraySlice<JSON>) -> Table {
        var table = Table("subscription", "plan", "status", "quantity", "ends", "source", "created")
        for subscription in subscriptions {
            let version = subscription["version"]?.integer.map { " v\($0)" } ?? ""
            let end = ["ended_at", "cancel_at", "trial_end"].lazy
                .compactMap(subscription.wordIfAny).first
            table.add(
                "\(subscription.word("id"))",
                "\(subscription.word("plan"))\(version)",
                "\(subscription.word("status"))",
                "\(subscription.word("quantity"))",
                "\(end ?? "-")",
                "\(subscription.word("source"))",
                "\(subscription.word("created_at"))"
            )
        }
        return table
    }
}
