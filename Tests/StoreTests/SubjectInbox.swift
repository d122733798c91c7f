import Entitlements
import Postgres
import Store

/// Events of one subject, and the steps of the worker that fetches it.
struct SubjectInbox: Sendable {
    static let key = SubjectKey(source: "stripe", kind: "subscription", id: "sub_1")

    let shop: Shop
    var store: Store { shop.store }

    init(_ shop: Shop) {
        self.shop = shop
    }

    func receive(_ event: String) async throws {
        let store = store
        let content = InboxContent(
            source: Self.key.source,
            eventKey: event,
            eventType: "x.updated",
            subject: Self.key,
            ignored: nil,
            body: [],
            bodyDigest: []
        )
        _ = try await store.write(as: Shop.author) { connection in
            try await store.receive(content, on: connection)
        }
    }

    /// Claims as a worker that nobody has heard of before.
    func claim() async throws -> ClaimedSubject? {
        let token = try await shop.pool.query("select gen_random_uuid()::text as t")[0].text("t")
        return try await store.claim(Self.key, token: token)
    }

    func hold(_ claim: ClaimedSubject) async throws -> Bool {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.hold(claim, on: connection)
        }
    }

    func settle(
        _ claim: ClaimedSubject,
        as state: InboxRecord.State,
        customer: String?,
        note: String?
    ) async throws {
        let store = store
        try await store.write(as: Shop.author) { connection in
            try await store.settle(
                claim,
                as: state,
                customer: customer,
                note: note,
                on: connection
            )
        }
    }

    /// The states of all events, oldest first.
    func states() async throws -> [String] {
        try await shop.pool.query("select state from inbox order by inbox_id")
            .map { try $0.text("state") }
    }

    /// One column of the subject, as text.
    func column(_ name: String) async throws -> String? {
        try await shop.pool.query("select \(raw: name) from subject")[0].textIfPresent(name)
    }
}
