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
            revokedAt: try row.microsecondsIfPresent(5).map(Instant.init(microseconds:)),
            grants: try Grant.list(row, 6),
            seats: try row.textArrayIfPresent(7) ?? [],
            device: try row.textIfPresent(8).map(TextPool.devices.one)
        )
    }
}

extension Grant {
    /// Reads what `jsonb_agg` made of grants; null where there were none.
    fileprivate static func list(_ row: Row, _ column: Int) throws -> [Grant] {
        guard let text = try row.textIfPresent(column) else { return [] }
        return try list(try JSON(parsing: Array(text.utf8)))
    }

    fileprivate static func list(_ json: JSON?) throws -> [Grant] {
        try (json?.array ?? []).map(Grant.init)
    }

    /// Reads one of `BarrierStatements.grantFields`.
    private init(_ json: JSON) throws {
        guard let parts = json.array, parts.count == 12,
            let id = parts[0].string, let feature = parts[1].string,
            let effect = parts[2].string.flatMap(Effect.init(rawValue:)),
            let mode = parts[3].string.flatMap(Mode.init(rawValue:)),
            let from = parts[9].integer, let created = parts[11].integer
        else { throw UnreadableGrant(json: json) }
        self.init(
            id: id,
            feature: feature,
            effect: effect,
            mode: mode,
            value: parts[4].isNull ? nil : parts[4],
            limit: parts[6] == true ? .unlimited : parts[5].integer.map(Quantity.units),
            user: parts[7].string,
            session: parts[8].string,
            from: Instant(microseconds: from),
            until: parts[10].integer.map(Instant.init(microseconds:)),
            createdAt: Instant(microseconds: created)
        )
    }
}

/// A grant that this program does not know how to read: the database is newer, or was altered.
struct UnreadableGrant: Error, CustomStringConvertible {
    let json: JSON
    var description: String { "a grant cannot be read: \(json)" }
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
                (account: try row.text("account_id"), subscription: try Subscription(held: row))
            },
            by: \.account
        )
        return reader.read(rows) { row in
            let id = try row.text("account_id")
            return Account(
                id: id,
                revision: try row.int64("revision"),
                changedAt: try row.instant("changed_at"),
                testClock: try row.instantIfPresent("clock_at"),
                blockedSince: try row.instantIfPresent("blocked_at"),
                blockedUntil: try row.instantIfPresent("blocked_until"),
                subscriptions: held[id]?.map(\.subscription) ?? [],
                grants: try Grant.list(try row.jsonIfPresent("grants")),
                levels: try row.counts("levels"),
                seats: try row.counts("seats"),
                credits: try MeterTerms.Credit.list(try row.jsonIfPresent("credits")),
                calendar: try AccountCalendar(row),
                attributes: try row.textIfPresent("attributes")
            )
        }
    }
}

extension AccountCalendar {
    /// A zone that this program does not know, which only a typed statement can have left, counts
    /// as UTC.
    fileprivate convenience init(_ row: Row) throws {
        func zone(_ name: String) -> Zone { Zone(named: name) ?? .utc }
        let previous = try row.textIfPresent("previous_timezone")
        let changedAt = try row.instantIfPresent("timezone_changed_at")
        self.init(
            zone: zone(try row.text("timezone")),
            change: previous.flatMap { name in
                changedAt.map { PeriodSchedule.ZoneChange(from: zone(name), at: $0) }
            },
            createdAt: try row.instant("created_at")
        )
    }
}

extension MeterTerms.Credit {
    fileprivate static func list(_ json: JSON?) throws -> [MeterTerms.Credit] {
        try (json?.array ?? []).map(MeterTerms.Credit.init)
    }

    /// Reads one of `BarrierStatements.creditFields`.
    private init(_ json: JSON) throws {
        guard let parts = json.array, parts.count == 12,
            let id = parts[0].string, let feature = parts[1].string,
            let amount = parts[2].integer, let priority = parts[3].integer,
            let from = parts[5].integer, let created = parts[11].integer
        else { throw UnreadableGrant(json: json) }
        let every = parts[7].string.flatMap(PeriodInterval.Unit.init(rawValue:))
        self.init(
            id: id,
            feature: feature,
            amount: amount,
            priority: Int(clamping: priority),
            isPromotional: parts[4] == true,
            from: Instant(microseconds: from),
            until: parts[6].integer.map(Instant.init(microseconds:)),
            recurrence: every.flatMap { PeriodInterval($0, count: parts[8].integer ?? 1) },
            rolloverMin: parts[9].integer,
            rolloverMax: parts[10].integer,
            createdAt: Instant(microseconds: created)
        )
    }
}

extension Subscription {
    /// Reads a row of `BarrierStatements.subscriptions`.
    fileprivate init(held row: Row) throws {
        try self.init(row)
        quotaAnchor = try row.instantIfPresent("quota_anchor")
        heldSince = try row.instantIfPresent("held_since")
    }

    /// Reads the columns that decisions depend on.
    init(_ row: Row) throws {
        self.init(
            id: try row.text("subscription_id"),
            plan: try row.text("plan_id"),
            version: try row.int64IfPresent("version").map(Int.init),
            status: try row.word("status"),
            quantity: try row.int64("quantity"),
            startsAt: try row.instantIfPresent("starts_at"),
            trialStart: try row.instantIfPresent("trial_start"),
            trialEnd: try row.instantIfPresent("trial_end"),
            trialAtEnd: try row.wordIfPresent("trial_at_end"),
            hasPaymentMethod: try row.bool("payment_method"),
            periodStart: try row.instantIfPresent("period_start"),
            periodEnd: try row.instantIfPresent("period_end"),
            pastDueSince: try row.instantIfPresent("past_due_since"),
            cancelAt: try row.instantIfPresent("cancel_at"),
            endedAt: try row.instantIfPresent("ended_at"),
            pause: try Pause(row),
            planChange: try PlanChange(row),
            quantityChange: try QuantityChange(row)
        )
    }
}

extension Subscription.Pause {
    fileprivate init?(_ row: Row) throws {
        guard let from = try row.instantIfPresent("paused_from") else { return nil }
        self.init(from: from, until: try row.instantIfPresent("paused_until"))
    }
}

extension Subscription.PlanChange {
    fileprivate init?(_ row: Row) throws {
        guard let at = try row.instantIfPresent("change_at") else { return nil }
        self.init(
            plan: try row.text("next_plan_id"),
            version: try row.int64IfPresent("next_version").map(Int.init),
            at: at
        )
    }
}

extension Subscription.QuantityChange {
    fileprivate init?(_ row: Row) throws {
        guard let at = try row.instantIfPresent("quantity_at") else { return nil }
        self.init(quantity: try row.int64("next_quantity"), at: at)
    }
}

/// A column held a word that this program does not know: the database is newer, or was altered.
struct UnknownWord: Error, CustomStringConvertible {
    let column: String
    let word: String
    var description: String { "column \(column) holds the unknown word \(word)" }
}

extension Row {
    /// A column of numbers by the names of their features; null where there are none.
    fileprivate func counts(_ column: String) throws -> [String: Int64] {
        (try jsonIfPresent(column)?.object ?? [:]).compactMapValues(\.integer)
    }

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
