import Entitlements
import Limits

/// The story that the demo tells: an upgrade and a cancellation at the billing provider, each in
/// force at the very next check, and a forgery that is not.
struct DemoStory {
    let client: APIClient
    let provider: FakeProvider
    /// Where the service must look for the provider.
    let providerURL: String
    let secret: String
    let cast: DemoCast
    private(set) var report: DemoReport

    init(
        client: APIClient,
        provider: FakeProvider,
        providerURL: String,
        secret: String,
        report: DemoReport
    ) {
        self.client = client
        self.provider = provider
        self.providerURL = providerURL
        self.secret = secret
        self.cast = report.cast
        self.report = report
    }

    /// Plays the story against the running service.
    ///
    /// - Throws: Where the service answers otherwise than it should, and what it probably lacks.
    mutating func play() async throws(CommandFailure) {
        try await openAccount()
        try await checkIsClosed()
        var subscription = StripeSubscription(
            id: cast.subscription,
            customer: cast.customer,
            price: cast.price,
            status: .active,
            startedAt: .now
        )
        provider.put(subscription)
        try await check(
            "The very next check",
            shows: true,
            since: try await deliver(
                "customer.subscription.created",
                "The customer upgrades: the provider now says active, \(cast.price)"
            )
        )
        subscription.status = .canceled
        subscription.endedAt = .now
        provider.put(subscription)
        let last = try await check(
            "The very next check",
            shows: false,
            since: try await deliver(
                "customer.subscription.deleted",
                "The customer cancels: the provider now says canceled"
            )
        )
        try await forge(after: last)
    }
}

extension DemoStory {
    private mutating func openAccount() async throws(CommandFailure) {
        let account = try await client.call(
            .put(
                "v1",
                "accounts",
                cast.account,
                body: ["name": "Demo", "billing": ["stripe": .string(cast.customer)]]
            )
        )
        add(
            "An account without a subscription, linked to \(cast.customer) at the provider",
            "PUT /v1/accounts/…",
            account,
            "account \(cast.account)"
        )
        let session = try await client.call(
            .post("v1", "sessions", body: ["account": .string(cast.account), "user": "ada"])
        )
        report.signedIn(session.json.word("session"))
        add("One of its people signs in", "POST /v1/sessions", session, report.session)
    }

    private mutating func checkIsClosed() async throws(CommandFailure) {
        let answer = try await ask()
        add("May this session use \(cast.feature)?", "POST /v1/check", answer, verdict(answer))
        guard answer.json["allowed"]?.bool == false else {
            throw CommandFailure(
                "'\(cast.feature)' is open without a subscription already. "
                    + "Choose a feature that only '\(cast.plan)' has, with --feature."
            )
        }
    }

    /// Sends a signed event and returns the moment of its acknowledgement.
    private mutating func deliver(
        _ type: String,
        _ title: String
    ) async throws(CommandFailure) -> ContinuousClock.Instant {
        let callsBefore = provider.calls
        let answer = try await send(event(type), signedWith: secret)
        let acknowledged = ContinuousClock.now
        let status = answer.json["status"]?.string
        add(title, "POST /webhooks/stripe", answer, status ?? answer.json.word("code"))
        guard status == "applied" else {
            throw refusal(of: answer, wasAsked: provider.calls > callsBefore)
        }
        return acknowledged
    }

    /// Asks until the answer shows the change; by the promise, once.
    @discardableResult
    private mutating func check(
        _ title: String,
        shows allowed: Bool,
        since acknowledged: ContinuousClock.Instant
    ) async throws(CommandFailure) -> APIAnswer {
        var staleAnswers = 0
        while true {
            let answer = try await ask()
            let delay = ContinuousClock.now - acknowledged
            if answer.json["allowed"]?.bool == allowed {
                let effect = DemoStep.Effect(delay: delay, staleAnswers: staleAnswers)
                add(title, "POST /v1/check", answer, verdict(answer), effect)
                return answer
            }
            staleAnswers += 1
            guard delay < Limits.demoPatience else {
                throw CommandFailure(
                    "The change was acknowledged, but \(delay.inMilliseconds) later the check "
                        + "still says \(verdict(answer)). Does '\(cast.plan)' have '\(cast.feature)'?"
                )
            }
        }
    }

    private mutating func forge(after last: APIAnswer) async throws(CommandFailure) {
        var forgery = event("customer.subscription.updated")
        forgery.status = "active"
        let answer = try await send(forgery, signedWith: "whsec_forged")
        add(
            "Somebody without the secret claims: active",
            "POST /webhooks/stripe",
            answer,
            answer.isSuccess ? "accepted" : "refused, \(answer.json.word("code"))"
        )
        guard answer.status == 400 else {
            throw CommandFailure("The service took in an event with a forged signature.")
        }
        let check = try await ask()
        add("Nothing changed", "POST /v1/check", check, verdict(check))
        guard check.json["allowed"] == last.json["allowed"],
            check.json["revision"] == last.json["revision"]
        else { throw CommandFailure("The forged event changed the account's state.") }
    }
}

extension DemoStory {
    private func ask() async throws(CommandFailure) -> APIAnswer {
        let body: JSON = ["session": .string(report.session), "feature": .string(cast.feature)]
        return try await client.call(.post("v1", "check", body: body))
    }

    private func send(
        _ event: StripeEvent,
        signedWith secret: String
    ) async throws(CommandFailure) -> APIAnswer {
        try await client.send(event.request(to: "stripe", signedWith: secret, at: .now))
    }

    private func event(_ type: String) -> StripeEvent {
        StripeEvent(
            id: Unique.name("evt_demo"),
            type: type,
            subscription: cast.subscription,
            customer: cast.customer
        )
    }

    private mutating func add(
        _ title: String,
        _ call: String,
        _ answer: APIAnswer,
        _ line: String,
        _ effect: DemoStep.Effect? = nil
    ) {
        report.add(
            DemoStep(
                title: title,
                call: call,
                status: answer.status,
                answer: line,
                duration: answer.duration,
                effect: effect
            )
        )
    }

    private func verdict(_ answer: APIAnswer) -> String {
        let word = answer.json["allowed"]?.bool == true ? "allowed" : "denied"
        let source = answer.json.sourceInWords.map { ", \($0)" } ?? ""
        return "\(word): \(answer.json.word("reason"))\(source), "
            + "revision \(answer.json.word("revision"))"
    }

    /// What the service lacks to play this story.
    private func refusal(of answer: APIAnswer, wasAsked: Bool) -> CommandFailure {
        switch (answer.status, answer.json["code"]?.string) {
        case (400, "signature_invalid"?):
            CommandFailure(
                "The service has another signing secret. Start it with `make run`, or give the "
                    + "demo the service's: --secret, or USHER_STRIPE_WEBHOOK_SECRET."
            )
        case (404, "unknown_source"?):
            CommandFailure("The service has no source 'stripe'. It needs webhooks/stripe.yaml.")
        case (202, _) where wasAsked:
            CommandFailure(
                "The service asked the demo's provider, but did not apply the answer in time. "
                    + "See why with: usher webhooks list"
            )
        case (202, _):
            CommandFailure(
                "The service did not call the demo's provider. Start it with `make run`, or with "
                    + "USHER_STRIPE_API_BASE=\(providerURL) "
                    + "USHER_ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8 USHER_STRIPE_API_KEY=rk_demo "
                    + "USHER_STRIPE_WEBHOOK_SECRET=whsec_demo"
            )
        case (200, _):
            CommandFailure(
                "The service answered '\(answer.json.word("status"))' instead of 'applied'. "
                    + "Does webhooks/stripe.yaml know the customer.subscription events?"
            )
        default: client.failure(of: answer)
        }
    }
}
