import ArgumentParser
import Entitlements

extension SubscriptionsCommand {
    struct Change: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a subscription's plan or quantity, now or later.",
            discussion: """
                A plan and a quantity wait side by side; a later change of the same kind takes \
                the place of the one that waits. A change that waits takes a cancellation back, \
                and choosing the present plan drops the plan that waits.

                  usher subscriptions change sub_1 --account acme --plan enterprise
                  usher subscriptions change sub_1 --account acme --plan free --at period-end
                  usher subscriptions change sub_1 --account acme --quantity 25
                """
        )

        @OptionGroup var subscription: SubscriptionArgument

        @Option(help: "The plan or add-on.")
        var plan: String?

        @Option(
            help: ArgumentHelp(
                "With --plan: its version to stay on. Default: follow the plan.",
                valueName: "version"
            )
        )
        var planVersion: Int64?

        @Option(help: "How many.")
        var quantity: Int64?

        @Option(
            help: ArgumentHelp(
                "When: now, period-end, RFC 3339 or a span from now. Default: now.",
                valueName: "when"
            ),
            transform: EffectTime.init
        )
        var at: EffectTime?

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard plan != nil || quantity != nil else {
                throw ValidationError("Name --plan, --quantity or both.")
            }
            guard planVersion == nil || plan != nil else {
                throw ValidationError("--plan-version goes with --plan.")
            }
        }

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("plan", plan)
            body.set("version", planVersion)
            body.set("quantity", quantity)
            body.set("at", at?.word)
            return subscription.post("change", body: body, why: why)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).held]
        }
    }

    struct DropChange: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Drop the changes of plan and quantity that wait.",
            discussion: "  usher subscriptions drop-change sub_1 --account acme"
        )

        @OptionGroup var subscription: SubscriptionArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            APIRequest(
                method: "DELETE",
                path: subscription.path + ["change"],
                query: [("reason", why.reason)]
            )
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).held]
        }
    }
}
