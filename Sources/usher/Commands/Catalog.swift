import ArgumentParser
import Entitlements

struct CatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog",
        abstract: "Features, plans and add-ons, as files.",
        subcommands: [Validate.self, Diff.self, Apply.self, Migrate.self]
    )

    struct Diff: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "What applying the files would change."
        )

        @OptionGroup var files: CatalogFiles
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            get throws { .post("v1", "catalog", "diff", body: ["files": try files.read().json]) }
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            CatalogCommand.changes(answer, on: terminal)
        }
    }

    struct Apply: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the files as a whole, or not at all.",
            discussion: """
                A plan whose content changed gets a new version, and subscriptions follow at the \
                very next check, unless --grandfather keeps them on what they have.

                  usher catalog apply plans
                """
        )

        @OptionGroup var files: CatalogFiles

        @Flag(help: "Keep existing subscriptions on the version that they have.")
        var grandfather = false

        @Flag(help: "Only say what would change.")
        var dryRun = false

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            get throws {
                let contents = try files.read().json
                guard !dryRun else {
                    return .post("v1", "catalog", "diff", body: ["files": contents])
                }
                let body: JSON = ["files": contents, "grandfather": .bool(grandfather)]
                return .put("v1", "catalog", body: body)
            }
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            CatalogCommand.changes(answer, on: terminal)
        }
    }
}

extension CatalogCommand {
    private static func changes(_ answer: JSON, on terminal: Terminal) -> [String] {
        let changes = (answer["changes"]?.array ?? []).map(\.word.printable)
        let revision = "configuration revision \(answer.word("configuration_revision"))"
        guard !changes.isEmpty else { return ["nothing to change; \(revision)"] }
        let isApplied = answer["applied"]?.bool == true
        let verdict =
            isApplied
            ? terminal.paint("applied", .green) + "; \(revision)"
            : terminal.paint("not applied", .yellow) + "; \(revision) is in force"
        return changes + [verdict]
    }
}
