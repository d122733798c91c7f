package import Entitlements
package import Postgres

/// A meter as the table has it.
struct MeterRow: Sendable {
    var meter: Meter
    /// Goes up with every write, so that whoever knows it knows the whole row; nil without a row.
    var version: Int64?

    static let absent = MeterRow(meter: Meter(at: Instant(microseconds: 0)), version: nil)
}

extension MeterRow {
    /// The columns of a meter, as `init(_:from:)` reads them by place.
    static let columns = """
        m.account_id, m.subject, m.feature_id, m.version, m.at, m.used, m.overage, m.previous, \
        m.period_start, m.period_end, m.whole_at, m.source, m.seen_limit, m.detail
        """

    /// Reads a meter whose columns begin at a place; nil where they are null.
    static func read(_ row: Row, from first: Int = 0) throws -> (key: MeterKey, row: MeterRow)? {
        guard let feature = try row.textIfPresent(first + 2) else { return nil }
        let key = MeterKey(
            account: try row.text(first),
            subject: try row.text(first + 1),
            feature: feature
        )
        func instant(_ place: Int) throws -> Instant? {
            try row.microsecondsIfPresent(first + place).map(Instant.init(microseconds:))
        }
        var meter = Meter(at: Instant(microseconds: try row.microseconds(first + 4)))
        meter.used = try row.int64(first + 5)
        meter.over = try row.int64(first + 6)
        meter.previous = try row.int64(first + 7)
        meter.periodStart = try instant(8)
        meter.periodEnd = try instant(9) ?? instant(10)
        meter.source = try row.textIfPresent(first + 11)
        meter.seenLimit = try row.int64IfPresent(first + 12)
        if let text = try row.textIfPresent(first + 13) {
            guard let detail = Meter.Detail(try JSON(parsing: Array(text.utf8))) else {
                throw UnreadableMeter(key: key)
            }
            meter.detail = detail
        }
        return (key, MeterRow(meter: meter, version: try row.int64(first + 3)))
    }
}

/// A meter that this program cannot read is no empty meter: nothing is decided by it.
struct UnreadableMeter: Error, CustomStringConvertible {
    let key: MeterKey
    var description: String {
        "the meter of \(key.feature) of account \(key.account) (\(key.subject)) cannot be read"
    }
}

/// Meters as the columns of one statement's parameters.
struct MeterColumns {
    let accounts: [String]
    let subjects: [String]
    let features: [String]

    init(_ keys: [MeterKey]) {
        accounts = keys.map(\.account)
        subjects = keys.map(\.subject)
        features = keys.map(\.feature)
    }

    var parameters: [Parameter] {
        [accounts.postgresParameter, subjects.postgresParameter, features.postgresParameter]
    }
}

extension Store {
    /// Meters as the transaction sees them; what was never counted on is left out.
    package func meters(
        _ keys: [MeterKey],
        on connection: Connection
    ) async throws -> [MeterKey: Meter] {
        let rows = try await connection.query(MeterStatements.read(keys, locking: false))
        var meters: [MeterKey: Meter] = [:]
        for row in rows {
            guard let (key, row) = try MeterRow.read(row) else { continue }
            meters[key] = row.meter
        }
        return meters
    }
}
