import Entitlements
import Testing

@testable import usher

@Suite struct `A Stripe event` {
    /// The recorded vector of the billing reference.
    @Test func `is signed as Stripe signs`() {
        let body =
            #"{"id":"evt_1Test","object":"event","api_version":"2025-03-31.basil","#
            + #""created":1700000000,"type":"customer.subscription.updated","data":{"object":"#
            + #"{"id":"sub_1Test","object":"subscription","status":"active"}}}"#
        let signature = StripeEvent.signature(
            of: Array(body.utf8),
            secret: "whsec_test_entitlements",
            seconds: 1_700_000_000
        )
        let digest = "8bf330b8ff2da33218cd49c42d40d8b5d2108c105eb7afe97678a9349614d72f"
        #expect(signature == "t=1700000000,v1=\(digest)")
    }

    @Test func `carries a signature and no key`() {
        let event = StripeEvent(id: "evt_1", type: "t", subscription: "sub_1", customer: nil)
        let instant = Instant(microseconds: 1_700_000_000_900_000)
        let request = event.request(to: "stripe", signedWith: "whsec_1", at: instant)
        #expect(request.target == "/webhooks/stripe")
        #expect(!request.isAuthenticated)
        #expect(request.headers.first?.value.hasPrefix("t=1700000000,v1=") == true)
    }

    @Test(arguments: [
        ("stripe", "USHER_STRIPE_WEBHOOK_SECRET"), ("stripe-eu", "USHER_STRIPE_EU_WEBHOOK_SECRET"),
    ])
    func `finds the secret of its source`(source: String, variable: String) {
        #expect(StripeEvent.secretVariable(for: source) == variable)
    }
}

@Suite struct `The demo's cast` {
    private let catalog: JSON = [
        "plans": [
            ["plan": "free", "billing": [:]],
            ["plan": "pro", "billing": ["stripe": ["price_1", "price_2"]]],
        ]
    ]

    private func cast(_ plan: String) throws -> DemoCast {
        try DemoCast(catalog: catalog, plan: plan, feature: "sso", source: "stripe")
    }

    @Test func `has the plan's first price, and new names each time`() throws {
        let first = try cast("pro")
        #expect(first.price == "price_1")
        #expect(try cast("pro").account != first.account)
    }

    @Test(arguments: ["free", "gone"])
    func `refuses a plan that nobody can buy`(plan: String) {
        #expect(throws: CommandFailure.self) { try cast(plan) }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `The demo's provider` {
    private let port = Int.random(in: 20_000..<30_000)

    private let subscription = StripeSubscription(
        id: "sub_1",
        customer: "cus_1",
        price: "price_1",
        status: .active,
        startedAt: Instant(microseconds: 1_700_000_000_000_000)
    )

    private func ask(_ request: APIRequest) async throws -> APIAnswer {
        try await APIClient(url: "http://127.0.0.1:\(port)", key: "rk_demo").send(request)
    }

    @Test func `says what it was told, and counts who asks`() async throws {
        let provider = FakeProvider()
        provider.put(subscription)
        try await provider.serve(port: port) {
            let one = try await ask(.get("v1", "subscriptions", "sub_1"))
            #expect(one.json["status"] == "active")
            #expect(one.json.at(pointer: "/items/data/0/price/id") == "price_1")
            let none = try await ask(.get("v1", "subscriptions", "sub_2"))
            #expect(none.status == 404)
            let list = APIRequest.get("v1", "subscriptions", query: [("customer", "cus_1")])
            #expect(try await ask(list).json["data"]?.array?.count == 1)
            let others = APIRequest.get("v1", "subscriptions", query: [("customer", "cus_2")])
            #expect(try await ask(others).json["data"] == [])
        }
        #expect(provider.calls == 4)
    }

    @Test func `says when its port is taken`() async throws {
        let first = FakeProvider()
        let failure = try await first.serve(port: port) {
            await #expect(throws: CommandFailure.self) {
                try await FakeProvider().serve(port: port) {}
            }
        }
        #expect(failure?.message.contains("127.0.0.1:\(port)") == true)
    }
}
