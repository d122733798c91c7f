import ArgumentParser
import Entitlements

extension SubscriptionsCommand {
    struct Cancel: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a subscription end.",
            discussion: """
                At the end of what is paid for, or of the trial; with --at at once or at another \
                time. It drops a scheduled change of plan. Cancelling twice is cancelling once.

                  usher subscriptions cancel sub_1 --account acme
                  usher subscriptions cancel sub_1 --account acme --at now --reason refund
                """
        )

        @OptionGroup var subscription: SubscriptionArgument

        @Option(
            help: ArgumentHelp(
                "When: now, period-end, RFC 3339 or a span from now. Default: period-end.",
                valueName: "when"
            ),
            transform: EffectTime.init
        )
        var at: EffectTime?

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("at", at?.word)
            return subscription.post("cancel", body: body, why: why)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).cancelled]
        }
    }

    struct Uncancel: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a cancellation back, as long as the end has not come.",
            discussion: "  usher subscriptions uncancel sub_1 --account acme"
        )

        @OptionGroup var subscription: SubscriptionArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { subscription.post("uncancel", why: why) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).sentence("goes on; its cancellation is taken back")]
        }
    }

    struct Pause: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a subscription give nothing for a while.",
            discussion: """
                The plan and its dates stay; resume, or --until, opens again what was open.

                  usher subscriptions pause sub_1 --account acme --until 30d
                """
        )

        @OptionGroup var subscription: SubscriptionArgument

        @Option(
            help: .time("When it begins: RFC 3339 or a span from now. Default: now."),
            transform: TimeArgument.init
        )
        var at: TimeArgument?

        @Option(
            help: .time("When it ends: RFC 3339 or a span from now. Default: with resume."),
            transform: TimeArgument.init
        )
        var until: TimeArgument?

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("at", at)
            body.set("until", until)
            return subscription.post("pause", body: body, why: why)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).paused]
        }
    }

    struct Resume: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a subscription's pause now.",
            discussion: "  usher subscriptions resume sub_1 --account acme"
        )

        @OptionGroup var subscription: SubscriptionArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { subscription.post("resume", why: why) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [SubscriptionWords(answer).sentence("is resumed")]
        }
    }
}
