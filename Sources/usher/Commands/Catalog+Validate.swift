import ArgumentParser
import Catalog
import Entitlements

extension CatalogCommand {
    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for mistakes in the files, without a service.",
            discussion: """
                Prints every mistake with its file and line, and exits with 1 when there is one.

                  usher catalog validate plans
                """
        )

        @OptionGroup var files: CatalogFiles

        @Flag(help: "Print the mistakes as JSON, as the API tells them.")
        var json = false

        func run() async throws {
            let contents = try files.read()
            do {
                let catalog = try CatalogDefinition(parsing: contents.catalogFiles)
                succeed(catalog, in: contents.directory)
            } catch {
                try fail(error.problems)
            }
        }

        private func succeed(_ catalog: CatalogDefinition, in directory: String) {
            if json { return Terminal.standard.print(JSON.object(["problems": []]).description) }
            let counts =
                "\(catalog.features.count) features, \(catalog.plans.count) plans and add-ons"
            let verdict = Terminal.standard.paint("valid", .green)
            Terminal.standard.print("\(verdict): \(counts) in \(directory.printable)")
        }

        private func fail(_ problems: [CatalogProblem]) throws {
            if json {
                let list = JSON.array(problems.map(\.json))
                Terminal.standard.print(JSON.object(["problems": list]).description)
            } else {
                for problem in problems { Terminal.standard.print(problem.description.printable) }
            }
            let count = problems.count == 1 ? "1 mistake" : "\(problems.count) mistakes"
            throw CommandFailure("The catalog has \(count); nothing of it can be applied.")
        }
    }
}
