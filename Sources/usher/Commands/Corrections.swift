import ArgumentParser
import Entitlements

extension UsageCommand {
    struct Refund: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give back what was consumed.",
            discussion: """
                It goes back in the reverse of the burn order; with --consumption, into the very balances \
                that it came from. More than was used is refused as a whole.

                  usher usage refund image 4 --account acme --reason 'job 7 failed'
                  usher usage refund image 4 --account acme --consumption job-7 --reason failed
                """
        )

        @Argument(help: "The feature.")
        var feature: String

        @Argument(help: "How many units, 1 or more.")
        var quantity: Int64

        @OptionGroup var consumer: ConsumerOptions

        @Option(help: ArgumentHelp("The --key that it was consumed with.", valueName: "key"))
        var consumption: String?

        @Option(help: "Why; kept in the ledger.")
        var reason: String

        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body = consumer.members
            body["feature"] = .string(feature)
            body["quantity"] = .integer(quantity)
            body["reason"] = .string(reason)
            body.set("consumption", consumption)
            var request = APIRequest.post("v1", "refunds", body: .object(body))
            request.headers = retry.headers
            return request
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let what = "gave \(quantity) of \(feature) back to \(consumer.words)"
            return [(what + MeterWords(answer).ending).printable]
        }
    }

    struct Adjust: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Correct how much is counted as used.",
            discussion: """
                No limit stands in its way: what goes beyond it is shown as over.

                  usher usage adjust api_calls --account acme --used 0 --reason 'counted twice'
                  usher usage adjust api_calls --account acme --add -50 --reason 'counted twice'
                """
        )

        @Argument(help: "The feature.")
        var feature: String

        @Option(help: "The account.")
        var account: String

        @Option(help: "The count of this user, not of the account.")
        var user: String?

        @Option(help: "How much is used, 0 or more.")
        var used: Int64?

        // Unconditional, since a value may begin with a minus.
        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("How much more is used; with a minus, less.", valueName: "amount")
        )
        var add: Int64?

        @Option(help: "Why; kept in the ledger.")
        var reason: String

        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard (used == nil) != (add == nil) else {
                throw ValidationError("Name either --used or --add.")
            }
        }

        var request: APIRequest {
            var body: [String: JSON] = [
                "account": .string(account), "feature": .string(feature),
                "reason": .string(reason),
            ]
            body.set("user", user)
            body.set("used", used)
            body.set("add", add)
            var request = APIRequest.post("v1", "adjustments", body: .object(body))
            request.headers = retry.headers
            return request
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let whose = user.map { "user \($0) of \(account)" } ?? account
            return ["adjusted \(feature) of \(whose)\(MeterWords(answer).ending)".printable]
        }
    }
}
