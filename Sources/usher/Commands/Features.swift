import ArgumentParser
import Entitlements

struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "What can be entitled, and its switch for everybody.",
        subcommands: [List.self, Disable.self, Enable.self]
    )

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "All features, ordered by id.",
            discussion: "  usher features list"
        )

        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "features") }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no features") {
                var table = Table("feature", "type", "name", "unit", "off since")
                for feature in $0 {
                    let value = feature.wordIfAny("value_type").map { " (\($0))" } ?? ""
                    table.add(
                        "\(feature.word("feature"))",
                        "\(feature.word("type"))\(value)",
                        "\(feature.word("name"))",
                        "\(feature.word("unit"))",
                        .init(
                            feature.word("disabled_at"),
                            feature.wordIfAny("disabled_at").map { _ in .red }
                        )
                    )
                }
                return table
            }
        }
    }

    struct Disable: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a feature off for everybody, at the very next check.",
            discussion: "  usher features disable sso --reason 'incident 7'"
        )

        @Argument(help: "The feature.")
        var feature: String

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("reason", why.reason)
            return .put("v1", "features", feature, "disabled", body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["\(feature) is off for everybody since \(answer.word("disabled_at"))".printable]
        }
    }

    struct Enable: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a feature back on.",
            discussion: "  usher features enable sso --reason 'incident 7 is over'"
        )

        @Argument(help: "The feature.")
        var feature: String

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .delete("v1", "features", feature, "disabled", reason: why.reason)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["\(feature) is on again: plans and grants decide who has it".printable]
        }
    }
}
