package import Entitlements
package import Postgres

/// A billing subject: what the provider is asked about.
package struct SubjectKey: Sendable, Hashable {
    package let source: String
    package let kind: String
    package let id: String

    package init(source: String, kind: String, id: String) {
        self.source = source
        self.kind = kind
        self.id = id
    }
}

/// What came in, to be recorded.
package struct InboxContent: Sendable {
    package var source: String
    package var eventKey: String
    package var eventType: String
    package var subject: SubjectKey?
    /// Why the event is of no interest; nil when its subject has to be fetched.
    package var ignored: String?
    package var body: [UInt8]
    package var bodyDigest: [UInt8]

    package init(
        source: String,
        eventKey: String,
        eventType: String,
        subject: SubjectKey?,
        ignored: String?,
        body: [UInt8],
        bodyDigest: [UInt8]
    ) {
        self.source = source
        self.eventKey = eventKey
        self.eventType = eventType
        self.subject = subject
        self.ignored = ignored
        self.body = body
        self.bodyDigest = bodyDigest
    }
}

/// An event of the inbox as it is listed.
package struct InboxRecord: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case pending, applied, ignored, unlinked, dead
    }

    package let id: Int64
    package let source: String
    package let eventKey: String
    package let eventType: String
    package let subject: SubjectKey?
    package let generation: Int64?
    package let state: State
    package let attempts: Int
    package let lastError: String?
    package let conflicts: Int
    package let receivedAt: Instant
    package let settledAt: Instant?
}

extension Store {
    /// Records an event once.
    ///
    /// Its subject is wanted once more, in the same transaction; of a repetition only a differing
    /// body is noted. Tells whether the event is new.
    package func receive(
        _ content: InboxContent,
        on connection: Connection
    ) async throws -> (record: InboxRecord, isNew: Bool) {
        let inserted = try await connection.query(
            """
            insert into inbox (source, event_key, event_type, subject_kind, subject_id, state,
                last_error, body, body_hash, settled_at)
            values (\(content.source), \(content.eventKey), \(content.eventType),
                \(nullable: content.subject?.kind), \(nullable: content.subject?.id),
                \(content.ignored == nil ? "pending" : "ignored"), \(nullable: content.ignored),
                \(content.body), \(content.bodyDigest),
                case when \(content.ignored != nil) then clock_timestamp() end)
            on conflict (source, event_key) do nothing
            returning inbox_id
            """
        )
        guard let row = inserted.first else {
            let known = try await repetition(of: content, on: connection)
            // Sent again by somebody who mended what was wrong with it.
            guard known.state == .dead, try await replay(known.id, on: connection) != nil,
                let revived = try await event(known.id, on: connection)
            else { return (known, false) }
            return (revived, false)
        }
        let id = try row.int64("inbox_id")
        if let subject = content.subject, content.ignored == nil {
            let generation = try await want(subject, on: connection)
            _ = try await connection.query(
                "update inbox set generation = \(generation) where inbox_id = \(id)"
            )
        }
        guard let record = try await event(id, on: connection) else { throw StoreProblem.vanished }
        return (record, true)
    }

    package func event(_ id: Int64) async throws -> InboxRecord? {
        try await pool.query(Self.selectEvents(where: "i.inbox_id = \(id)"))
            .first.map(InboxRecord.init)
    }

    /// Events, newest first, before an id.
    package func events(
        source: String?,
        state: InboxRecord.State?,
        before cursor: Int64?,
        size: Int
    ) async throws -> Page<InboxRecord> {
        let rows = try await pool.query(
            Self.selectEvents(
                where: """
                    i.inbox_id < \(cursor ?? Int64.max)
                    and i.source = coalesce(\(nullable: source), i.source)
                    and i.state = coalesce(\(nullable: state?.rawValue), i.state)
                    order by i.inbox_id desc
                    limit \(size + 1)
                    """
            )
        )
        return Page(rows: try rows.map(InboxRecord.init), size: size) { "\($0.id)" }
    }

    /// Wants an event's subject once more; nil when there is no such event, or it has no subject.
    package func replay(
        _ id: Int64,
        on connection: Connection
    ) async throws -> (subject: SubjectKey, generation: Int64)? {
        guard let event = try await event(id, on: connection), let subject = event.subject else {
            return nil
        }
        let generation = try await want(subject, on: connection)
        _ = try await connection.query(
            """
            update inbox
               set state = 'pending', generation = \(generation), last_error = null,
                   settled_at = null
             where inbox_id = \(id)
            """
        )
        return (subject, generation)
    }

    /// Empties the bodies of events that were settled longer ago; what they were about stays.
    package func forgetBodies(after retention: Duration) async throws -> Int {
        try await pool.query(
            """
            update inbox
               set body = ''
             where inbox_id in (
                       select inbox_id
                         from inbox
                        where body <> ''
                          and settled_at < clock_timestamp()
                              - make_interval(secs => \(retention.components.seconds))
                        limit 10000)
            """
        )
        .affected
    }

    private func repetition(
        of content: InboxContent,
        on connection: Connection
    ) async throws -> InboxRecord {
        _ = try await connection.query(
            """
            update inbox
               set conflicts = conflicts + 1
             where source = \(content.source) and event_key = \(content.eventKey)
               and body_hash <> \(content.bodyDigest)
            """
        )
        let rows = try await connection.query(
            Self.selectEvents(
                where: """
                    i.source = \(content.source) and i.event_key = \(content.eventKey)
                    """
            )
        )
        guard let row = rows.first else { throw StoreProblem.vanished }
        return try InboxRecord(row)
    }

    private func event(_ id: Int64, on connection: Connection) async throws -> InboxRecord? {
        try await connection.query(Self.selectEvents(where: "i.inbox_id = \(id)"))
            .first.map(InboxRecord.init)
    }

    private static func selectEvents(where condition: SQL) -> SQL {
        """
        select i.inbox_id, i.source, i.event_key, i.event_type, i.subject_kind, i.subject_id,
               i.generation, i.state, coalesce(s.attempts, 0) as attempts,
               coalesce(i.last_error, s.last_error) as last_error, i.conflicts, i.received_at,
               i.settled_at
          from inbox i
          left join subject s
            on s.source = i.source and s.kind = i.subject_kind and s.id = i.subject_id
         where \(condition)
        """
    }
}

/// A row that was just written is gone: somebody deletes from the inbox while it is received.
enum StoreProblem: Error {
    case vanished
}

extension InboxRecord {
    fileprivate init(_ row: Row) throws {
        id = try row.int64("inbox_id")
        source = try row.text("source")
        eventKey = try row.text("event_key")
        eventType = try row.text("event_type")
        if let kind = try row.textIfPresent("subject_kind") {
            subject = SubjectKey(source: source, kind: kind, id: try row.text("subject_id"))
        } else {
            subject = nil
        }
        generation = try row.int64IfPresent("generation")
        state = try row.word("state")
        attempts = Int(try row.int64("attempts"))
        lastError = try row.textIfPresent("last_error")
        conflicts = Int(try row.int64("conflicts"))
        receivedAt = try row.instant("received_at")
        settledAt = try row.instantIfPresent("settled_at")
    }
}
