import ArgumentParser
import Entitlements

extension SubscriptionsCommand {
    struct ExtendTrial: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a trial end later, also when it has ended already.",
            discussion: """
                Only later: end-trial ends it sooner.

                  usher subscriptions extend-trial sub_1 --account acme --days 14
                """
        )

        @OptionGroup var subscription: SubscriptionArgument

        @Option(help: .time("Its new end, RFC 3339."), transform: InstantArgument.init)
        var to: InstantArgument?

        @Option(help: "How many days later than its present end.")
        var days: Int64?

        @OptionGroup var why: ReasonOption
        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard (to == nil) != (days == nil) else {
                throw ValidationError("Name either --to or --days.")
            }
        }

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("trial_end", to?.json)
            body.set("days", days)
            var request = subscription.post("trial", "extend", body: body, why: why)
            request.headers = retry.headers
            return request
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let end = answer.word("trial_end")
            return [SubscriptionWords(answer).sentence("is in its trial until \(end)")]
        }
    }

    struct EndTrial: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a trial now.",
            discussion: """
                What follows is what would have followed at its end.

                  usher subscriptions end-trial sub_1 --account acme
                """
        )

        @OptionGroup var subscription: SubscriptionArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { subscription.post("trial", "end", why: why) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let end = answer.word("trial_end")
            return [SubscriptionWords(answer).sentence("ended its trial at \(end)")]
        }
    }
}
