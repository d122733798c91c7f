import ArgumentParser
import Entitlements

struct FlagsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flags",
        abstract: "What is out, for whom and how far.",
        subcommands: [
            List.self, Get.self, Set.self, Delete.self, Kill.self, Restore.self, Versions.self,
            Revert.self, Export.self, Import.self, Evaluate.self,
        ]
    )

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "All flags, ordered by key.",
            discussion: "  usher flags list"
        )

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "flags", query: page.query) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no flags") { FlagWords.table($0) }
        }
    }

    struct Get: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a flag.",
            discussion: """
                With --definition only its definition, as `set` takes it:

                  usher flags get new-checkout
                  usher flags get new-checkout --definition > new-checkout.json
                """
        )

        @OptionGroup var flag: FlagArgument

        @Flag(help: "Print the definition alone.")
        var definition = false

        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard !definition || !service.json else {
                throw ValidationError("Name either --definition or --json.")
            }
        }

        var request: APIRequest { .get("v1", "flags", flag.key) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let text = (answer["definition"] ?? .null).indented
            guard !definition else { return [text] }
            let lines = text.split(separator: "\n").map { String($0).printable }
            return FlagWords(answer).facts.lines(on: terminal) + [""] + lines
        }
    }

    struct Versions: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Every definition that a flag had, the newest first; also of one that is gone.",
            discussion: "  usher flags versions new-checkout"
        )

        @OptionGroup var flag: FlagArgument
        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "flags", flag.key, "versions", query: page.query) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no more versions") {
                FlagWords.versions($0)
            }
        }
    }
}

/// Which flag.
struct FlagArgument: ParsableArguments {
    @Argument(help: "The flag's key.")
    var key: String
}
