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

        /// As in "10 ai_credits": what each unit takes of the pool.
        private func draw(_ feature: JSON) -> String {
            guard let pool = feature.wordIfAny("pool") else { return feature.word("pool") }
            return "\(feature.word("cost")) \(pool)"
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no features") {
                var table = Table("feature", "type", "name", "unit", "draws on", "off since")
                for feature in $0 {
                    let value = feature.wordIfAny("value_type").map { " (\($0))" } ?? ""
                    table.add(
                        "\(feature.word("feature"))",
                        "\(feature.word("type"))\(value)",
                        "\(feature.word("name"))",
                        "\(feature.word("unit"))",
                        "\(draw(feature))",
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
