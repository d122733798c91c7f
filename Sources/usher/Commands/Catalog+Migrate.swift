import ArgumentParser
import Entitlements

extension CatalogCommand {
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a plan's subscriptions to another of its versions.",
            discussion: """
                Says who would gain and lose what, and moves nothing without --apply. For those \
                that `catalog apply --grandfather` left behind. With --json each page of the \
                answer is a line of its own.

                  usher catalog migrate pro
                  usher catalog migrate pro --from 2 --to 3 --apply
                """
        )

        @Argument(help: "The plan or add-on.")
        var plan: String

        @Option(
            help: ArgumentHelp(
                "Only subscriptions that stay on this version. Default: on any.",
                valueName: "version"
            )
        )
        var from: Int64?

        @Option(
            help: ArgumentHelp(
                "The version to stay on from now on. Default: follow the plan.",
                valueName: "version"
            )
        )
        var to: Int64?

        @Flag(help: "Move them.")
        var apply = false

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let client = try service.client()
            var migration = CatalogMigration(plan: plan, from: from, to: to, isApplied: apply)
            // What has moved is shown also when the service does not go on.
            defer { show(migration) }
            try await migration.run { request throws(CommandFailure) in
                try await client.call(request)
            } page: { answer, moves in
                if service.json {
                    Terminal.standard.print(answer.text)
                } else {
                    Terminal.note(apply ? "\(moves) moved" : "\(moves) looked at")
                }
            }
        }

        private func show(_ migration: CatalogMigration) {
            guard !service.json else { return }
            for line in migration.lines(on: .standard) { Terminal.standard.print(line) }
        }
    }
}
