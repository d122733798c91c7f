import ArgumentParser
import Entitlements

extension CreditsCommand {
    struct Add: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an account more of a metered feature, once or again and again.",
            discussion: """
                In force at the very next check, or from --from on. The balance with the lowest \
                priority is burnt first, then what is lost soonest.

                  usher credits add ai_credits 500 --account acme --for 30d --promotional \
                --reason welcome
                  usher credits add ai_credits 1000 --account acme --every month --reason contract
                  usher credits add ai_credits 5000 --account acme --pending --reason 'invoice 7'
                """
        )

        @Argument(help: "The feature, of the type metered.")
        var feature: String

        @Argument(help: "How many units, 1 or more.")
        var amount: Int64

        @Option(help: "The account.")
        var account: String

        @Option(help: "When it is burnt: 0 first, 255 last. Default: 100.")
        var priority: Int64?

        @Flag(help: "It was given, not paid for: burnt before what was paid.")
        var promotional = false

        @Option(
            help: .time("When it begins: RFC 3339 or a span from now. Default: now."),
            transform: TimeArgument.init
        )
        var from: TimeArgument?

        @Option(
            help: .time("When it ends: RFC 3339 or a span from now. Default: never."),
            transform: TimeArgument.init
        )
        var to: TimeArgument?

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long it holds: 2h, 14d.", valueName: "span"),
            transform: TimeSpan.init
        )
        var length: TimeSpan?

        @OptionGroup var recurrence: CreditRecurrence

        @Flag(help: "It is not paid yet, and gives nothing before it is confirmed.")
        var pending = false

        @Option(help: "Why; kept with the credit and in the change log.")
        var reason: String

        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard to == nil || length == nil else {
                throw ValidationError("Name either --to or --for.")
            }
        }

        var request: APIRequest {
            var body: [String: JSON] = [
                "feature": .string(feature), "amount": .integer(amount),
                "reason": .string(reason),
            ]
            body.set("priority", priority)
            if promotional { body["promotional"] = true }
            body.set("from", from)
            body.set("to", to)
            body.set("ttl_seconds", length?.seconds)
            recurrence.set(in: &body)
            if pending { body["pending"] = true }
            var request = APIRequest.post("v1", "accounts", account, "credits", body: .object(body))
            request.headers = retry.headers
            return request
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [CreditWords(answer).given]
        }
    }
}

/// How often a credit is filled up again, and what stays of it at a reset.
struct CreditRecurrence: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Fill it up again every hour, day, week, month or year.",
            valueName: "unit"
        )
    )
    var every: String?

    @Option(help: ArgumentHelp("With --every: so many units of it. Default: 1."))
    var count: Int64?

    @Option(help: ArgumentHelp("What stays at a reset at least.", valueName: "amount"))
    var rolloverMin: Int64?

    @Option(help: ArgumentHelp("What stays at a reset at most.", valueName: "amount"))
    var rolloverMax: Int64?

    func validate() throws {
        guard count == nil || every != nil else {
            throw ValidationError("--count goes with --every.")
        }
    }

    func set(in body: inout [String: JSON]) {
        body.set("every", every)
        body.set("count", count)
        guard rolloverMin != nil || rolloverMax != nil else { return }
        var rollover: [String: JSON] = [:]
        rollover.set("min", rolloverMin)
        rollover.set("max", rolloverMax)
        body["rollover"] = .object(rollover)
    }
}
