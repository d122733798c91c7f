import Entitlements
import Postgres

extension Session {
    /// Reads a row of `BarrierStatements.sessions`, by place: a cold check waits for it.
    init(_ row: Row) throws {
        self.init(
            id: try row.text(0),
            account: try row.text(1),
            user: try row.text(2),
            createdAt: Instant(microseconds: try row.microseconds(3)),
            expiresAt: Instant(microseconds: try row.microseconds(4)),
            revokedAt: try row.microsecondsIfPresent(5).map(Instant.init(microseconds:))
        )
    }
}

extension Account {
    /// Puts accounts together from the rows of `BarrierStatements.accounts` and `.subscriptions`.
    static func read(
        _ rows: Rows,
        subscriptions: Rows,
        by reader: inout RowReader
    ) -> [Account] {
        let held = Dictionary(
            grouping: reader.read(subscriptions) { row in
                (account: try row.text("account_id"), subscription: try Subscription(row))
            },
            by: \.account
        )
        return reader.read(rows) { row in
            let id = try row.text("account_id")
            return Account(
                id: id,
                revision: try row.int64("revision"),
                changedAt: try row.instant("changed_at"),
                blockedSince: try row.instantIfPresent("blocked_at"),
                subscriptions: held[id]?.map(\.subscription) ?? []
            )
        }
    }
}

extension Subscription {
    /// Reads the columns that decisions depend on.
    init(_ row: Row) throws {
        self.init(
            id: try row.text("subscription_id"),
            plan: try row.text("plan_id"),
            version: try row.int64IfPresent("version").map(Int.init),
            status: try row.word("status"),
            quantity: try row.int64("quantity"),
            startsAt: try row.instantIfPresent("starts_at"),
            trialEnd: try row.instantIfPresent("trial_end"),
            periodStart: try row.instantIfPresent("period_start"),
            periodEnd: try row.instantIfPresent("period_end"),
            pastDueSince: try row.instantIfPresent("past_due_since"),
            cancelAt: try row.instantIfPresent("cancel_at"),
            endedAt: try row.instantIfPresent("ended_at")
        )
    }
}

/// A column held a word that this program does not know: the database is newer, or was altered.
struct UnknownWord: Error, CustomStringConvertible {
    let column: String
    let word: String
    var description: String { "column \(column) holds the unknown word \(word)" }
}

extension Row {
    /// A column whose words are the raw values of a type.
    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        let text = try text(column)
        guard let word = Word(rawValue: text) else { throw UnknownWord(column: column, word: text) }
        return word
    }

    func wordIfPresent<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        try textIfPresent(column) == nil ? nil : word(column)
    }
}
