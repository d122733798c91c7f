import Entitlements
import Postgres

/// What a transaction of the writer has to read before it can be carried out.
struct MeterReads {
    private let meters: [MeterKey]
    private let reservations: [ReservationKey]
    private let consumptions: [ConsumeClaim.ID]
    private let events: [UsageEventKey]
    private let isLocking: Bool

    /// Keys under which requests came are looked up with the lock alone: without it, the writing
    /// itself finds a key that was used.
    init(_ meters: [MeterKey], _ needs: [MeterNeeds], isLocking: Bool) {
        self.meters = meters
        self.isLocking = isLocking
        reservations = needs.compactMap(\.reservation)
        events = needs.compactMap(\.event)
        consumptions =
            needs.compactMap(\.consumption) + (isLocking ? needs.compactMap(\.claim?.id) : [])
    }

    /// The meters first: whoever waits for their locks sees what was committed meanwhile.
    var statements: [SQL] {
        var statements: [SQL] = []
        if !meters.isEmpty {
            statements.append(MeterStatements.read(meters, locking: isLocking))
        }
        if !reservations.isEmpty {
            statements.append(MeterStatements.reservations(reservations))
        }
        if !consumptions.isEmpty {
            statements.append(MeterStatements.consumptions(consumptions))
        }
        if !events.isEmpty { statements.append(MeterStatements.events(events)) }
        return statements
    }

    /// Takes the answers in the order of the statements.
    func tell(_ answers: [Rows], to batch: inout MeterBatch) throws {
        var answers = answers[...]
        if !meters.isEmpty {
            for row in answers.removeFirst() {
                guard let (key, row) = try MeterRow.read(row) else { continue }
                batch.know(key, row)
            }
        }
        if !reservations.isEmpty {
            for row in answers.removeFirst() { batch.know(try Reservation(row)) }
        }
        if !consumptions.isEmpty {
            for row in answers.removeFirst() {
                let id = ConsumeClaim.ID(
                    account: try row.text("account_id"),
                    key: try row.text("key")
                )
                batch.know(id, try Consumption(row))
            }
        }
        if !events.isEmpty {
            for row in answers.removeFirst() {
                batch.know(
                    UsageEventKey(
                        account: try row.text("account_id"),
                        source: try row.text("source"),
                        id: try row.text("event_id")
                    )
                )
            }
        }
    }
}
