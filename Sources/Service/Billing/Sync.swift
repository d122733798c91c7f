package import Store

/// What a synchronisation came to.
package struct SyncResult: Sendable, Equatable {
    package enum Status: String, Sendable { case applied, unchanged, queued }

    package let status: Status
    /// Nil while it is not known which account this is.
    package let account: String?
    package let revision: Int64?
}

extension UsherService {
    /// Fetches a customer or a subscription now and applies it: for a page that a buyer returns to
    /// before the webhook has come.
    package func sync(
        _ key: SubjectKey,
        within limit: Duration,
        as author: Author
    ) async throws -> SyncResult {
        _ = try billing.source(key.source)
        let before = try await store.account(of: key)
        let generation = try await store.write(as: author) { connection in
            try await store.want(key, on: connection)
        }
        let isSettled = try await billing.processor.settle(
            key,
            generation: generation,
            within: limit
        )
        let after = try await store.account(of: key)
        let hasChanged = after?.id != before?.id || after?.revision != before?.revision
        return SyncResult(
            status: !isSettled ? .queued : hasChanged ? .applied : .unchanged,
            account: after?.id,
            revision: after?.revision
        )
    }

    /// Wants an event's subject again, and works on it for as long as a webhook's request would.
    package func replay(
        _ id: Int64,
        within limit: Duration,
        as author: Author
    ) async throws
        -> InboxRecord
    {
        let wanted = try await store.write(as: author) { connection in
            try await store.replay(id, on: connection)
        }
        guard let wanted else { throw try await notReplayable(id) }
        _ = try await billing.processor.settle(
            wanted.subject,
            generation: wanted.generation,
            within: limit
        )
        guard let record = try await store.event(id) else { throw Refusal.unknownEvent(id) }
        return record
    }

    private func notReplayable(_ id: Int64) async throws -> Refusal {
        guard let record = try await store.event(id) else { return .unknownEvent(id) }
        return Refusal(
            .conflict,
            "event \(record.eventKey) is about nothing that could be fetched",
            field: "event",
            remedy: "only events with a subject can be replayed"
        )
    }
}

extension Refusal {
    package static func unknownEvent(_ id: Int64) -> Refusal {
        Refusal(
            .unknownEvent,
            "there is no event \(id) in the inbox",
            field: "event",
            remedy: "see GET /v1/webhooks/events; it is the inbox's id that is meant"
        )
    }
}
