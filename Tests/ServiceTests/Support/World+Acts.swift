import Catalog
import Entitlements
import Postgres
import Store
import Testing

@testable import Service

/// What people and providers do.
extension World {
    @discardableResult
    func apply(_ files: [CatalogFile], grandfather: Bool = false) async throws -> CatalogOutcome {
        try await service.applyCatalog(files, grandfather: grandfather, as: author)
    }

    /// Creates an account with a session, linked to a customer of the provider unless told not to.
    @discardableResult
    func signUp(_ account: String = "acme", customer: String? = nil) async throws -> String {
        try await link(account, to: customer)
        return try await signIn(account)
    }

    func link(_ account: String, to customer: String?) async throws {
        let content = AccountContent(customers: customer.map { ["stripe": $0] } ?? [:])
        _ = try await service.put(account: account, content, as: author)
    }

    func signIn(
        _ account: String = "acme",
        user: String = "ann",
        lifetime: Duration = .seconds(3_600)
    ) async throws -> String {
        let signIn = SignIn(
            account: account,
            user: user,
            device: .object([:]),
            source: nil,
            lifetime: lifetime
        )
        return try await service.store.write(as: author) { connection in
            try await service.createSession(signIn, on: connection).session.id
        }
    }

    @discardableResult
    func subscribe(
        _ account: String = "acme",
        id: String = "main",
        plan: String = "pro",
        status: Subscription.Status = .active,
        trialEnd: Instant? = nil
    ) async throws -> SubscriptionRecord {
        let held = Subscription(id: id, plan: plan, status: status, trialEnd: trialEnd)
        return
            try await service.put(
                subscription: SubscriptionContent(subscription: held),
                account: account,
                as: author
            )
            .view.record
    }

    /// Delivers a signed event, as the provider would.
    @discardableResult
    func deliver(_ event: StripeEvent) async throws -> Reception.Status {
        try await deliver(event.body)
    }

    @discardableResult
    func deliver(_ body: [UInt8], signature: String? = nil) async throws -> Reception.Status {
        let signature = signature ?? StripeEvent.signature(of: body)
        return
            try await service.receive(
                from: "stripe",
                headers: { $0.lowercased() == "stripe-signature" ? [signature] : [] },
                body: body,
                requestID: "req_test"
            )
            .status
    }

    @discardableResult
    func sync(_ key: SubjectKey, within limit: Duration = .seconds(10)) async throws -> SyncResult {
        try await service.sync(key, within: limit, as: author)
    }

    /// Does all work that is due, as the worker beside the calls does.
    func work() async throws {
        while try await service.billing.processor.workOnDue("stripe") {}
    }

    /// Lets the time pass after which a subject is due.
    func makeDue() async throws {
        _ = try await pool.query("update subject set next_at = clock_timestamp()")
    }
}

extension SubjectKey {
    static func subscription(_ id: String) -> SubjectKey {
        SubjectKey(source: "stripe", kind: "subscription", id: id)
    }

    static func customer(_ id: String) -> SubjectKey {
        SubjectKey(source: "stripe", kind: "customer", id: id)
    }
}
