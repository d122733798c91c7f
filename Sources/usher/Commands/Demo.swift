import ArgumentParser
import Entitlements

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A billing change, seen by the very next check.",
        discussion: """
            Plays a story against the running service: an account without a subscription is \
            denied; the customer upgrades, cancels, and somebody forges. The demo itself is the billing \
            provider, at 127.0.0.1:\(standardPort). `make run` starts a service that calls it; any \
            other must have been started with

              USHER_STRIPE_API_BASE=http://127.0.0.1:\(standardPort)
              USHER_ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8
              USHER_STRIPE_API_KEY=rk_demo
              USHER_STRIPE_WEBHOOK_SECRET=\(standardSecret)

            The key needs the scopes check, sessions, product and catalog.
            """
    )

    static let standardPort = 8421
    static let standardSecret = "whsec_demo"

    @Option(help: "The plan that the customer buys.")
    var plan = "pro"

    @Option(help: "A feature that this plan has, and the default plan has not.")
    var feature = "sso"

    @Option(help: "The port of the demo's billing provider.")
    var providerPort = standardPort

    @Option(
        help: ArgumentHelp(
            "The signing secret. Default: USHER_STRIPE_WEBHOOK_SECRET, else \(standardSecret)."
        )
    )
    var secret: String?

    @OptionGroup var service: ServiceOptions

    func validate() throws {
        guard (1...65_535).contains(providerPort) else {
            throw ValidationError("--provider-port is a number from 1 to 65535.")
        }
    }

    func run() async throws {
        let client = try service.client()
        let catalog = try await client.call(.get("v1", "catalog"))
        let cast = try DemoCast(
            catalog: catalog.json,
            plan: plan,
            feature: feature,
            source: "stripe"
        )
        let provider = FakeProvider()
        let report = try await provider.serve(port: providerPort) {
            var story = DemoStory(
                client: client,
                provider: provider,
                providerURL: "http://127.0.0.1:\(providerPort)",
                secret: secret ?? StripeEvent.configuredSecret(for: "stripe")
                    ?? Self.standardSecret,
                report: DemoReport(cast: cast, terminal: service.json ? nil : .standard)
            )
            try await story.play()
            return story.report
        }
        if service.json {
            Terminal.standard.print(report.json.description)
        } else {
            for line in report.closingLines(on: .standard) { Terminal.standard.print(line) }
        }
        guard report.staleAnswers == 0 else {
            throw CommandFailure("The promise is broken: a check answered from before a change.")
        }
    }
}
