package import Entitlements
import Postgres

/// One recorded mutation.
package struct ChangeRecord: Sendable, Equatable {
    package let account: String
    package let revision: Int64
    package let at: Instant
    package let entity: String
    package let key: JSON
    package let operation: String
    package let actor: String
    package let reason: String?
    package let requestID: String?
    package let before: JSON
    package let after: JSON
    package let hash: [UInt8]
}

/// What a verification of the change log found.
package enum ChainVerdict: Sendable, Equatable {
    case verified(chains: Int, changes: Int)
    case broken(account: String, revision: Int64, problem: String)
}

extension Store {
    /// Changes of a chain (`""` is the configuration's), oldest first, after a revision.
    package func changes(
        of account: String,
        after cursor: Int64?,
        size: Int
    ) async throws -> Page<ChangeRecord> {
        let rows = try await pool.query(
            """
            select account_id, revision, at, entity, key, operation, actor, reason, request_id,
                   before, after, hash
              from change
             where account_id = \(account) and revision > \(cursor ?? 0)
             order by revision
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(ChangeRecord.init), size: size) { "\($0.revision)" }
    }

    /// Recomputes every hash of some chains; stops at the first break.
    ///
    /// Takes its time: a busy account's chain has hundreds of thousands of links.
    package func verify(chains accounts: [String]) async throws -> ChainVerdict {
        try await pool.transaction { connection in
            _ = try await connection.query("set local statement_timeout = '300s'")
            let broken = try await connection.query(
                """
                select wanted.account_id, found.revision, found.problem
                  from unnest(\(accounts)::text[]) as wanted (account_id),
                       lateral verify_chain(wanted.account_id) as found
                 limit 1
                """,
                deadline: .seconds(300)
            )
            if let row = broken.first {
                return .broken(
                    account: try row.text("account_id"),
                    revision: try row.int64("revision"),
                    problem: try row.text("problem")
                )
            }
            let count = try await connection.query(
                "select count(*) as n from change where account_id = any (\(accounts)::text[])",
                deadline: .seconds(300)
            )
            return .verified(
                chains: accounts.count,
                changes: Int(try count.first?.int64("n") ?? 0)
            )
        }
    }

    /// The chains there are, by account in order, from the one after `cursor`: heads as well as
    /// chains whose head is gone.
    package func chains(after cursor: String?, size: Int) async throws -> [String] {
        let isAfter: SQL = """
            account_id >= coalesce(\(nullable: cursor)::text, '')
            and account_id is distinct from \(nullable: cursor)::text
            """
        // From account to account, not from change to change: one that has many of them would hide
        // the accounts behind it.
        return
            try await pool.query(
                """
                with recursive recorded as (
                    (select account_id from change where \(isAfter) order by account_id limit 1)
                    union all
                    select (select c.account_id from change c
                             where c.account_id > r.account_id order by c.account_id limit 1)
                      from recorded r
                     where r.account_id is not null
                )
                (select account_id from chain_head where \(isAfter) order by account_id limit \(size))
                union
                (select account_id from recorded where account_id is not null limit \(size))
                order by account_id
                limit \(size)
                """
            )
            .map { try $0.text("account_id") }
    }
}

extension ChangeRecord {
    fileprivate init(_ row: Row) throws {
        account = try row.text("account_id")
        revision = try row.int64("revision")
        at = try row.instant("at")
        entity = try row.text("entity")
        key = try row.json("key")
        operation = try row.text("operation")
        actor = try row.text("actor")
        reason = try row.textIfPresent("reason")
        requestID = try row.textIfPresent("request_id")
        before = try row.jsonIfPresent("before") ?? .null
        after = try row.jsonIfPresent("after") ?? .null
        hash = try row.bytes("hash")
    }
}
