import ArgumentParser

@main
struct Usher: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "usher",
        abstract: "Product entitlements that are in force at the very next check.",
        discussion: """
            A first session, while the service of `make run` runs in another terminal:

              export USHER_API_KEY=uk_…            # the key that `make run` names
              usher accounts put acme --name 'Acme Inc'
              usher sessions create --account acme --user ada
              usher check sso --session ses_…      # denied: not_in_plan
              usher subscriptions put sub_1 --account acme --plan pro
              usher check sso --session ses_…      # allowed, from now on
              usher explain sso --session ses_…
              usher demo                           # the same by a billing webhook

            All commands but `serve`, `migrate` and `catalog validate` talk to the running \
            service: at --url, else USHER_URL, else \(ServiceOptions.standardURL), with --api-key, \
            else USHER_API_KEY, else USHER_ADMIN_KEY.
            """,
        version: version,
        subcommands: [Serve.self, Migrate.self],
        groupedSubcommands: [
            CommandGroup(name: "Asking", subcommands: [CheckCommand.self, ExplainCommand.self]),
            CommandGroup(
                name: "Managing",
                subcommands: [
                    AccountsCommand.self, SubscriptionsCommand.self, GrantsCommand.self,
                    SeatsCommand.self, LevelsCommand.self, SessionsCommand.self,
                ]
            ),
            CommandGroup(
                name: "Metering",
                subcommands: [
                    ConsumeCommand.self, MetersCommand.self, UsageCommand.self,
                    CreditsCommand.self, ReservationsCommand.self, LeasesCommand.self,
                    AlertsCommand.self,
                ]
            ),
            CommandGroup(
                name: "Configuring",
                subcommands: [
                    CatalogCommand.self, FeaturesCommand.self, FlagsCommand.self, KeysCommand.self,
                ]
            ),
            CommandGroup(
                name: "Operating",
                subcommands: [WebhooksCommand.self, AuditCommand.self]
            ),
            CommandGroup(
                name: "Trying",
                subcommands: [ClockCommand.self, DemoCommand.self]
            ),
        ]
    )
}
