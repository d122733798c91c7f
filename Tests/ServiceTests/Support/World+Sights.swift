import Entitlements
import Postgres
import Store
import Testing

@testable import Service

/// What there is to see afterwards.
extension World {
    /// The decision that a check gives now.
    func decision(
        _ session: String,
        _ feature: String = "sso",
        key: String = World.bootstrap,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Decision {
        let check = Check(session: session, subject: .one(feature))
        let judgement = try await service.check(check, by: KeyDigest(of: key))
        guard case .decision(let decision) = judgement.items.first else {
            Issue.record("no decision about \(feature)", sourceLocation: sourceLocation)
            throw Unexpected()
        }
        return decision
    }

    func reason(_ session: String, _ feature: String = "sso") async throws -> Decision.Reason {
        try await decision(session, feature).reason
    }

    /// The subscriptions that an account holds, by id.
    func subscriptions(_ account: String = "acme") async throws -> [SubscriptionRecord] {
        try await service.subscriptions(of: account, after: nil, size: 100).items.map(\.record)
    }

    func events(_ state: InboxRecord.State? = nil) async throws -> [InboxRecord] {
        try await service.store.events(source: nil, state: state, before: nil, size: 200).items
    }

    func event(_ key: String) async throws -> InboxRecord {
        try #require(try await events().first { $0.eventKey == key })
    }

    /// The one number that a statement selects as `n`.
    func count(_ sql: SQL) async throws -> Int {
        Int(try #require(try await pool.query(sql).first).int64("n"))
    }

    /// Rows of the change log, of every chain.
    func changes() async throws -> Int {
        try await count("select count(*) as n from change")
    }

    /// How a delivery's outcome was counted.
    func counted(_ outcome: String) -> Int {
        service.billing.counters.figures[.init(source: "stripe", outcome: outcome)] ?? 0
    }

    /// A subject as the inbox has it, with the seconds until it is due; nil for a dead one.
    func subject(
        _ id: String = "sub_1"
    ) async throws -> (progress: SubjectProgress, seconds: Double?) {
        let key: SubjectKey = id.hasPrefix("cus_") ? .customer(id) : .subscription(id)
        let rows = try await pool.query(
            """
            select case when next_at < 'infinity'
                        then extract(epoch from next_at - clock_timestamp())::float8 end as seconds
              from subject
             where source = 'stripe' and id = \(id)
            """
        )
        return (
            try #require(try await service.store.progress(of: key)),
            try #require(rows.first).doubleIfPresent("seconds")
        )
    }
}

/// A test that cannot go on; what is wrong was recorded already.
struct Unexpected: Error {}

/// The refusal of a call that must be refused.
func refusal(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async throws -> Refusal {
    do {
        try await body()
    } catch {
        if let refusal = Refusal(error) { return refusal }
        throw error
    }
    Issue.record("the call was carried out", sourceLocation: sourceLocation)
    throw Unexpected()
}
