package import Entitlements
import Foundation
package import Postgres

/// What Postgres holds: one extension a table, every statement whole and named.
///
/// Reading…: `account`, `accounts`, `subscriptions`, `session`, `sessions`, `grants`, `seats`,
/// `keys`, `changes`; `lockedState` reads what a write is judged by.
/// Writing… is inside `write(as:)`, so that no change lacks an author.
package struct Store: Sendable {
    package let pool: Pool

    package init(pool: Pool) {
        self.pool = pool
    }

    /// One transaction whose changes are recorded under their author.
    ///
    /// The body may run several times: Postgres may ask for a retry.
    package func write<Answer: Sendable>(
        as author: Author,
        _ body: @Sendable (Connection) async throws -> Answer
    ) async throws -> Answer {
        try await pool.transaction { connection in
            _ = try await connection.query(
                """
                select set_config('usher.actor', \(author.actor), true),
                       set_config('usher.reason', \(author.reason ?? ""), true),
                       set_config('usher.request_id', \(author.requestID ?? ""), true)
                """
            )
            return try await body(connection)
        }
    }
}

extension Store {
    package func now() async throws -> Instant {
        try await pool.withConnection { try await now(on: $0) }
    }

    /// The database's clock, the only one that decisions and ids use.
    package func now(on connection: Connection) async throws -> Instant {
        let rows = try await connection.query("select clock_timestamp() as now")
        guard let row = rows.first else { throw StoreProblem.vanished }
        return try row.instant("now")
    }
}

/// Who makes a change, and why: what the change log says of it.
package struct Author: Sendable, Equatable {
    /// `key:<id>`, `webhook:<source>:<event>`, `cli`, `system`; statements typed by hand are recorded
    /// as `database:<role>` by the triggers themselves.
    package var actor: String
    package var reason: String?
    package var requestID: String?

    package init(actor: String, reason: String? = nil, requestID: String? = nil) {
        self.actor = actor
        self.reason = reason
        self.requestID = requestID
    }
}

/// A write that the tables refused, told in the product's words.
package enum StoreRefusal: Error, Sendable, Equatable {
    case unknownAccount(String)
    case unknownPlan(String)
    case unknownPlanVersion(plan: String, version: Int)
    /// The account had the trial of a plan's family by another subscription.
    case trialAlreadyUsed(family: String, subscription: String)
    case customerLinkedElsewhere(source: String, customer: String)
    case unknownFeature(String)
    case unknownSession(String)
    /// The feature became one of another type while it was written about.
    case wrongFeatureType(String)
}

/// A page of a list, and where the next one begins; nil at the end.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    package let next: String?

    /// Of one row more than the page has, the last only tells that there is a next page.
    init(rows: [Item], size: Int, cursor: (Item) -> String) {
        items = Array(rows.prefix(size))
        next = rows.count > size ? items.last.map(cursor) : nil
    }

    private init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }

    /// The same page of something else.
    package func map<Other>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), next: next)
    }
}
