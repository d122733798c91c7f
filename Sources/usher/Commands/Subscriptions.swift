import ArgumentParser
import Entitlements

struct SubscriptionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscriptions",
        abstract: "An account's holds on plans and add-ons.",
        subcommands: [
            Put.self, Show.self, List.self, Delete.self, Cancel.self, Uncancel.self, Pause.self,
            Resume.self, Change.self, DropChange.self, ExtendTrial.self, EndTrial.self,
        ]
    )

    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a subscription, and at what it gives now.",
            discussion: "  usher subscriptions show sub_1 --account acme",
            aliases: ["get"]
        )

        @OptionGroup var subscription: SubscriptionArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { APIRequest(method: "GET", path: subscription.path) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            SubscriptionWords(answer).facts.lines(on: terminal)
        }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's subscriptions, in the order in which they were made.",
            discussion: "  usher subscriptions list --account acme"
        )

        @Option(help: "The account.")
        var account: String

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .get("v1", "accounts", account, "subscriptions", query: page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no subscriptions") {
                SubscriptionWords.table($0)
            }
        }
    }

    struct Delete: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a subscription away; the change log keeps it.",
            discussion: """
                For one that was made by mistake. One that is over is better cancelled: then \
                explain can tell of it.

                  usher subscriptions delete sub_1 --account acme --reason 'made by mistake'
                """
        )

        @OptionGroup var subscription: SubscriptionArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            APIRequest(
                method: "DELETE",
                path: subscription.path,
                query: [("reason", why.reason)]
            )
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["\(subscription.id.printable) is gone"]
        }
    }
}

/// Which subscription.
struct SubscriptionArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The subscription's id.", valueName: "subscription"))
    var id: String

    @Option(help: "The account.")
    var account: String

    var path: [String] { ["v1", "accounts", account, "subscriptions", id] }

    /// A call that does something to it, with the reason where there is one.
    func post(_ action: String..., body: [String: JSON] = [:], why: ReasonOption) -> APIRequest {
        var body = body
        body.set("reason", why.reason)
        return APIRequest(method: "POST", path: path + action, body: .json(.object(body)))
    }
}
