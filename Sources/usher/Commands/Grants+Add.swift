import ArgumentParser
import Entitlements

extension GrantsCommand {
    struct Add: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow or deny a feature to an account, a user or a session.",
            discussion: """
                In force at the very next check, or from --from on. A denial goes before \
                everything that allows. An allowance takes the place of what plans give; with \
                --stack it comes on top.

                  usher grants add sso --account acme --for 14d --reason 'try-out, ticket 7'
                  usher grants add api_calls --account acme --stack --limit 5000 --reason goodwill
                  usher grants add sso --account acme --user ann --deny --reason 'case 12'
                """
        )

        @Argument(help: "The feature.")
        var feature: String

        @Option(help: "The account.")
        var account: String

        @Option(help: "Only for this user of the account.")
        var user: String?

        @Option(help: "Only for this session, ses_….")
        var session: String?

        @Flag(help: "Deny the feature.")
        var deny = false

        @Flag(help: "Come on top of what plans give, not in its place.")
        var stack = false

        // Unconditional, since a value may begin with a minus.
        @Option(
            parsing: .unconditional,
            help: "The value of a config feature: 90, true, or text. JSON where it reads so."
        )
        var value: ValueArgument?

        @Option(help: "How much of a counted feature: a number, or unlimited.")
        var limit: LimitArgument?

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

        @Option(help: "Why; kept with the grant and in the change log.")
        var reason: String

        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard to == nil || length == nil else {
                throw ValidationError("Name either --to or --for.")
            }
            guard value == nil || limit == nil else {
                throw ValidationError("Name either --value or --limit.")
            }
            guard !deny || (value == nil && limit == nil && !stack) else {
                throw ValidationError("--deny goes without --value, --limit and --stack.")
            }
        }

        var request: APIRequest {
            var body: [String: JSON] = [
                "feature": .string(feature), "effect": deny ? "deny" : "allow",
                "reason": .string(reason),
            ]
            if stack { body["mode"] = "stack" }
            body.set("value", value?.json)
            body.set("limit", limit?.json)
            body.set("user", user)
            body.set("session", session)
            body.set("from", from)
            body.set("to", to)
            body.set("ttl_seconds", length?.seconds)
            var request = APIRequest.post("v1", "accounts", account, "grants", body: .object(body))
            request.headers = retry.headers
            return request
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [GrantWords(answer).made]
        }
    }
}
