import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

/// Credits as somebody types them in psql.
@Suite(.database, .timeLimit(.minutes(5))) struct `A row about a credit` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
        try await shop.open("acme")
    }

    private static let credit = "insert into credit (account_id, feature_id, amount"
    private static let id = "crd_" + String(repeating: "0", count: 26) + "_acme"

    /// Nil: it is taken.
    private static let inserts: [(statement: String, constraint: String?)] = [
        ("\(credit)) values ('acme', 'calls', 1)", nil),
        ("\(credit)) values ('acme', 'calls', \(Limits.limitUnits))", nil),
        ("\(credit)) values ('acme', 'calls', 0)", "credit_amount_check"),
        ("\(credit)) values ('acme', 'calls', -1)", "credit_amount_check"),
        ("\(credit)) values ('acme', 'calls', \(Limits.limitUnits + 1))", "credit_amount_check"),
        ("\(credit)) values ('acme', 'sso', 1)", "credit_feature_type"),
        ("\(credit), priority) values ('acme', 'calls', 1, 255)", nil),
        ("\(credit), priority) values ('acme', 'calls', 1, 256)", "credit_priority_check"),
        ("\(credit), priority) values ('acme', 'calls', 1, -1)", "credit_priority_check"),
        ("\(credit), credit_id) values ('acme', 'calls', 1, '\(id)')", nil),
        ("\(credit), credit_id) values ('acme', 'calls', 1, 'crd_x')", "credit_id_names_account"),
        (
            "\(credit), credit_id) values ('acme', 'calls', 1, '\(id)2')",
            "credit_id_names_account"
        ),
        ("\(credit), until_at) values ('acme', 'calls', 1, now() + interval '1 s')", nil),
        ("\(credit), until_at) values ('acme', 'calls', 1, '2020-01-01')", "credit_window"),
        (
            "\(credit), from_at, until_at) values ('acme', 'calls', 1, now(), now())",
            "credit_window"
        ),
        ("\(credit), every) values ('acme', 'calls', 1, 'month')", nil),
        ("\(credit), every, count) values ('acme', 'calls', 1, 'hour', 1000)", nil),
        ("\(credit), every) values ('acme', 'calls', 1, 'quarter')", "credit_every_check"),
        ("\(credit), every, count) values ('acme', 'calls', 1, 'day', 0)", "credit_count_check"),
        ("\(credit), every, count) values ('acme', 'calls', 1, 'day', 1001)", "credit_count_check"),
        ("\(credit), count) values ('acme', 'calls', 1, 2)", "credit_recurrence"),
        ("\(credit), rollover_min) values ('acme', 'calls', 9, 9)", nil),
        ("\(credit), rollover_min) values ('acme', 'calls', 9, 10)", "credit_rollover"),
        ("\(credit), rollover_min) values ('acme', 'calls', 9, -1)", "credit_rollover"),
        ("\(credit), rollover_max) values ('acme', 'calls', 9, -1)", "credit_rollover"),
        ("\(credit), rollover_max) values ('acme', 'calls', 9, 10)", "credit_rollover_of_amount"),
        (
            "\(credit), rollover_min, every) values ('acme', 'calls', 9, 1, 'day')",
            "credit_rollover"
        ),
        (
            """
            \(credit), rollover_min, rollover_max, every)
            values ('acme', 'calls', 9, 1, 9, 'day')
            """, nil
        ),
        ("\(credit), reason) values ('acme', 'calls', 1, '')", "credit_reason_check"),
    ]

    @Test func `is taken when it makes sense, else refused by a constraint that says why`()
        async throws
    {
        for (statement, constraint) in Self.inserts { try await expect(statement, constraint) }
    }

    private static let lapsed = "from_at = '2020-01-01', until_at = '2020-01-02'"

    /// What has been done to a credit of 9 calls, what is done then, and what refuses that.
    private static let updates: [(before: String, statement: String, constraint: String?)] = [
        ("", "update credit set amount = 10", "credit_stays"),
        ("", "update credit set from_at = from_at - interval '1 s'", "credit_stays"),
        ("", "update credit set every = 'day', count = 1", "credit_stays"),
        ("", "update credit set credit_id = '\(id)'", "credit_stays"),
        ("", "update credit set pending = true", "credit_over_stays"),
        ("", "update credit set priority = 7, promotional = true, rollover_max = 3", nil),
        ("", "update credit set until_at = now() + interval '1 day'", nil),
        ("", "update credit set voided_at = now() + interval '1 day'", nil),
        ("", "delete from credit", "credit_is_kept"),
        ("", "delete from account", nil),
        ("pending = true", "update credit set pending = false", nil),
        ("until_at = now() + interval '1 day'", "update credit set until_at = null", nil),
        ("voided_at = now() + interval '1 day'", "update credit set voided_at = now()", nil),
        ("voided_at = now() + interval '1 day'", "update credit set voided_at = null", nil),
        ("voided_at = now()", "update credit set voided_at = null", "credit_over_stays"),
        (
            "voided_at = now()", "update credit set voided_at = now() + interval '1 day'",
            "credit_over_stays"
        ),
        ("voided_at = now()", "update credit set priority = 7", nil),
        (lapsed, "update credit set until_at = null", "credit_over_stays"),
        (lapsed, "update credit set until_at = now() + interval '1 day'", "credit_over_stays"),
        (lapsed, "update credit set priority = 7", nil),
    ]

    @Test func `stays what it was given as, and over when it is over`() async throws {
        for (before, statement, constraint) in Self.updates {
            let columns = before.split(separator: ", ")
                .compactMap { $0.split(separator: " ").first }
            let values = before.split(separator: ", ")
                .map { $0.split(separator: "=", maxSplits: 1)[1] }
            let names = (["amount", "reason"] + columns.map(String.init)).joined(separator: ", ")
            let all = (["9", "'\(statement.count)'"] + values.map(String.init))
                .joined(separator: ", ")
            let insert = """
                insert into credit (account_id, feature_id, \(names)) values ('acme', 'calls', \(all))
                """
            try await expect("\(insert); \(statement)", constraint)
        }
    }

    @Test func `is in the change log, by its author`() async throws {
        try await shop.run(
            """
            \(Self.credit), every) values ('acme', 'calls', 9, 'month');
            update credit set voided_at = now();
            """
        )
        let rows = try await shop.pool.query(
            """
            select operation, coalesce(after, before) as row, actor
              from change
             where entity = 'credit' and account_id = 'acme'
             order by revision
            """
        )
        #expect(try rows.map { try $0.text("operation") } == ["insert", "update"])
        #expect(try rows[0].json("row")["count"] == 1)
        #expect(try rows[0].text("actor").hasPrefix("database:"))
        #expect(try await shop.number("select count(*) from verify_chain('acme')") == 0)
    }

    @Test func `has the id, the beginning and the author that are left out`() async throws {
        try await shop.run(
            """
            update account set clock_at = '2030-01-01T00:00:00Z';
            \(Self.credit)) values ('acme', 'calls', 9);
            """
        )
        let page = try await shop.store.credits(of: "acme", CreditFilter(), after: nil, size: 9)
        let record = try #require(page.items.first)
        #expect(record.id.hasPrefix("crd_") && record.id.hasSuffix("_acme"))
        #expect(record.content.from == Instant(rfc3339: "2030-01-01T00:00:00Z"))
        #expect(record.content.rollover == CreditContent.Rollover(min: 0, max: 9))
        #expect(record.content.priority == 100 && record.content.reason == nil)
        #expect(record.state == .active && record.author.hasPrefix("database:"))
    }

    /// A decision reads what has not ended of the account, the earliest end first.
    @Test func `is found by its account's index`() async throws {
        try await shop.run(
            """
            insert into credit (account_id, feature_id, amount)
            select 'acme', 'calls', n from generate_series(1, 2000) as n;
            analyze credit;
            """
        )
        let plan = try await shop.pool.query(
            """
            explain select * from credit
             where account_id = 'acme' and voided_at is null order by until_at limit 5
            """
        )
        let text = try plan.map { try $0.text(0) }.joined(separator: "\n")
        #expect(text.contains("credit_live") && !text.contains("Sort"), "\(text)")
    }

    private func expect(_ statement: String, _ constraint: String?) async throws {
        let connection = try await Connection(ConnectionSettings(url: shop.url))
        do throws(PostgresError) {
            try await connection.execute(script: "begin; \(statement); rollback")
            #expect(constraint == nil, "\(statement)")
        } catch {
            #expect(error.sqlState == "23514", "\(statement): \(error)")
            #expect(error.constraint == constraint, "\(statement)")
        }
    }
}
