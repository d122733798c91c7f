import ArgumentParser
import Entitlements

struct LeasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leases",
        abstract: "Who uses what only so many may use at once.",
        subcommands: [Take.self, Renew.self, Release.self, List.self]
    )

    struct Take: LimitedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a place, if one is free.",
            discussion: """
                It is free again when it is released, or when nobody renewed it in time. Exits as \
                consume does.

                  usher leases take jobs --account acme --ttl 2m
                """
        )

        @Argument(help: "The feature, of the type concurrency.")
        var feature: String

        @OptionGroup var consumer: ConsumerOptions

        @Option(help: "How many places.")
        var quantity: Int64 = 1

        @OptionGroup var ttl: LeaseLength
        @OptionGroup var key: KeyOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body = consumer.members
            body["feature"] = .string(feature)
            body["quantity"] = .integer(quantity)
            body.set("ttl_seconds", ttl.ttl?.seconds)
            var request = APIRequest.post("v1", "leases", body: .object(body))
            request.headers = key.headers
            return request
        }

        var asked: String { "\(quantity) of \(feature) for \(consumer.words)" }

        func line(_ answer: JSON) -> String {
            let until = answer.word("expires_at")
            let what = "lease \(answer.word("lease")) has \(asked) until \(until)"
            return (what + MeterWords(answer).ending).printable
        }
    }

    struct Renew: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a place; one that has lapsed must be taken anew.",
            discussion: "  usher leases renew lea_… --ttl 2m"
        )

        @OptionGroup var lease: LeaseArgument
        @OptionGroup var ttl: LeaseLength
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("ttl_seconds", ttl.ttl?.seconds)
            return APIRequest(
                method: "POST",
                path: lease.path + ["heartbeat"],
                body: .json(.object(body))
            )
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["lease \(lease.id) holds until \(answer.word("expires_at"))".printable]
        }
    }

    struct Release: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a place back; it is free at once.",
            discussion: "  usher leases release lea_…"
        )

        @OptionGroup var lease: LeaseArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { APIRequest(method: "DELETE", path: lease.path) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["lease \(lease.id) is given back".printable]
        }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's live leases.",
            discussion: "  usher leases list --account acme --feature jobs"
        )

        @Option(help: "The account.")
        var account: String

        @Option(help: "Only those of this feature.")
        var feature: String?

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            let query = [("feature", feature)] + page.query
            return .get("v1", "accounts", account, "leases", query: query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no leases") { leases in
                var table = Table("lease", "feature", "quantity", "user", "session", "until")
                for lease in leases {
                    table.add(
                        "\(lease.word("lease"))",
                        "\(lease.word("feature"))",
                        "\(lease.word("quantity"))",
                        "\(lease.word("user"))",
                        "\(lease.word("session"))",
                        "\(lease.word("expires_at"))"
                    )
                }
                return table
            }
        }
    }
}

/// Which lease.
struct LeaseArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The lease, lea_….", valueName: "lease"))
    var id: String

    var path: [String] { ["v1", "leases", id] }
}

/// How long a lease holds without being renewed.
struct LeaseLength: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long without a renewal: 90s, 5m. Default: 60s.", valueName: "span"),
        transform: TimeSpan.init
    )
    var ttl: TimeSpan?
}
