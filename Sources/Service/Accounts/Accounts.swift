package import Entitlements
package import Postgres
package import Store

extension UsherService {
    package func account(_ id: String) async throws -> AccountRecord {
        guard let record = try await store.account(id) else { throw Refusal.unknownAccount(id) }
        return record
    }

    /// Creates or replaces an account; tells whether it is new.
    package func put(
        account id: String,
        _ content: AccountContent,
        as author: Author
    ) async throws -> (record: AccountRecord, isNew: Bool) {
        guard Zone(named: content.timezone) != nil else {
            throw Refusal(
                .invalidField,
                "\(content.timezone) is no time zone",
                field: "timezone",
                remedy: "use an IANA name, such as Europe/Berlin"
            )
        }
        for source in content.customers.keys where billing.sources[source] == nil {
            throw billing.unknownSource(source, field: "billing.\(source)")
        }
        let result = try await store.write(as: author) { connection in
            let old = try await store.account(id, on: connection)
            if let old, old.timezone != content.timezone {
                try await store.lock(accounts: [id], on: connection)
                try await catchUp([id], on: connection)
            }
            let isNew = try await store.put(account: id, content, on: connection)
            return (try await store.account(id, on: connection), isNew)
        }
        guard let record = result.0 else { throw Refusal.unknownAccount(id) }
        return (record, result.1)
    }

    /// Lifts the block of an account.
    package func unblock(
        account id: String,
        reason: String?,
        as author: Author
    ) async throws -> AccountRecord {
        var author = author
        author.reason = reason
        return try await store.write(as: author) { connection in
            guard
                try await store.unblock(account: id, on: connection),
                let record = try await store.account(id, on: connection)
            else { throw Refusal.unknownAccount(id) }
            return record
        }
    }

    /// Blocks an account: nothing is open to it until the block is lifted, or has ended.
    package func block(
        account id: String,
        until: Instant? = nil,
        reason: String,
        on connection: Connection
    ) async throws -> AccountRecord {
        guard let clock = try await store.lockClock(of: id, on: connection) else {
            throw Refusal.unknownAccount(id)
        }
        if let until, until <= clock.now {
            throw Refusal(
                .invalidField,
                "the block would end at \(until); it is \(clock.now) already",
                field: "until",
                remedy: "give a later instant, or leave it out to block until further notice"
            )
        }
        guard
            try await store.block(account: id, until: until, reason: reason, on: connection),
            let record = try await store.account(id, on: connection)
        else { throw Refusal.unknownAccount(id) }
        return record
    }
}
