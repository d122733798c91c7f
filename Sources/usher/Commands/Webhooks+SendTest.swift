import ArgumentParser
import Entitlements

extension WebhooksCommand {
    struct SendTest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "send-test",
            abstract: "Send the service an event, signed as Stripe signs.",
            discussion: """
                The service then fetches the subscription from the provider that it is configured \
                for. The secret is --secret, else the first in USHER_STRIPE_WEBHOOK_SECRET (for \
                another source, in its own variable).

                  usher webhooks send-test --subscription sub_123
                """
        )

        @Option(help: "The source that the event is for; it must sign as Stripe does.")
        var source = "stripe"

        @Option(help: "The provider's id of the subscription, sub_….")
        var subscription: String

        @Option(help: "The provider's id of its customer, cus_….")
        var customer: String?

        @Option(help: "The event's type.")
        var type = "customer.subscription.updated"

        @Option(help: "The source's signing secret, whsec_….")
        var secret: String?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let event = StripeEvent(
                id: Unique.name("evt_"),
                type: type,
                subscription: subscription,
                customer: customer
            )
            let request = event.request(to: source, signedWith: try signingSecret(), at: .now)
            let answer = try await service.client().call(request)
            service.print(answer) { answer, _ in
                ["\(answer.word("status"))  \(event.id)  \(subscription)".printable]
            }
        }

        private func signingSecret() throws(CommandFailure) -> String {
            let variable = StripeEvent.secretVariable(for: source)
            guard let secret = secret ?? StripeEvent.configuredSecret(for: source) else {
                throw CommandFailure("No signing secret. Set \(variable), or pass --secret.")
            }
            return secret
        }
    }
}
