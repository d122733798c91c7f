import Entitlements
import Foundation
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
        guard TimeZone(identifier: content.timezone) != nil else {
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
            try await setBlocked(account: id, false, reason: nil, on: connection)
        }
    }

    /// Blocks an account: nothing is open to it until the block is lifted.
    package func block(
        account id: String,
        reason: String?,
        on connection: Connection
    ) async throws -> AccountRecord {
        try await setBlocked(account: id, true, reason: reason, on: connection)
    }

    private func setBlocked(
        account id: String,
        _ blocked: Bool,
        reason: String?,
        on connection: Connection
    ) async throws -> AccountRecord {
        guard
            try await store.setBlocked(account: id, blocked, reason: reason, on: connection),
            let record = try await store.account(id, on: connection)
        else { throw Refusal.unknownAccount(id) }
        return record
    }
}
