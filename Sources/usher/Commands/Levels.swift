import ArgumentParser
import Entitlements

struct LevelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "levels",
        abstract: "How much of storage, projects and the like an account has.",
        subcommands: [Set.self, Add.self, List.self]
    )

    struct Set: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how much there is now.",
            discussion: """
                More than the limit is refused; lowering is always taken.

                  usher levels set storage 40 --account acme
                """
        )

        @OptionGroup var level: LevelArgument

        @Argument(help: "How much there is, 0 or more.")
        var value: Int64

        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { level.put(["value": .integer(value)], retry: retry) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [level.line(answer)] }
    }

    struct Add: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how much came, or with a minus how much went.",
            discussion: """
                Adding beyond the limit is refused as a whole, and so is going below 0. A script \
                that repeats a failed call should name it with --idempotency-key.

                  usher levels add storage 5 --account acme
                  usher levels add storage -5 --account acme
                """
        )

        @OptionGroup var level: LevelArgument

        // A minus would otherwise begin an option.
        @Argument(
            parsing: .allUnrecognized,
            help: ArgumentHelp("How much came; less than 0: how much went.", valueName: "amount")
        )
        var amounts: [Int64]

        @OptionGroup var retry: RetryOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard amounts.count == 1 else { throw ValidationError("Name one amount.") }
        }

        var request: APIRequest { level.put(["add": .integer(amounts[0])], retry: retry) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [level.line(answer)] }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's levels, or one of them.",
            discussion: "  usher levels list --account acme"
        )

        @Argument(help: "Only this feature.")
        var feature: String?

        @Option(help: "The account.")
        var account: String

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            let path = ["v1", "accounts", account, "levels"] + (feature.map { [$0] } ?? [])
            return APIRequest(method: "GET", path: path)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            // Of one feature the answer is the level itself, not a list with one.
            let levels: JSON = feature == nil ? answer : ["items": [answer]]
            return PageOptions.show(levels, on: terminal, nothing: "no level features") {
                var table = Table("feature", "used", "limit", "left", "more")
                for level in $0 {
                    let isAllowed = level["allowed"]?.bool == true
                    table.add(
                        "\(level.word("feature"))",
                        "\(level.word("used"))",
                        "\(level.word("limit"))",
                        "\(level.word("remaining"))",
                        isAllowed ? .init("allowed", .green) : .init("denied", .red)
                    )
                }
                return table
            }
        }
    }
}

/// Which level.
struct LevelArgument: ParsableArguments {
    @Argument(help: "The feature, of the type level.")
    var feature: String

    @Option(help: "The account.")
    var account: String

    func put(_ body: JSON, retry: RetryOption) -> APIRequest {
        var request = APIRequest.put("v1", "accounts", account, "levels", feature, body: body)
        request.headers = retry.headers
        return request
    }

    func line(_ answer: JSON) -> String {
        "\(feature) of \(account): \(answer.usageInWords)".printable
    }
}
