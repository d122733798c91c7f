import Postgres
import TestSupport
import Testing

@Suite struct `A result` {
    let connection: Connection

    init() async throws {
        connection = try await Connection(
            ConnectionSettings(url: TestServer.shared.url(database: "postgres"))
        )
    }

    @Test func `has rows in their order, by name and by position`() async throws {
        let rows = try await connection.query(
            "select n, 'row ' || n as label from generate_series(1, 1000) n order by n"
        )
        #expect(rows.columns == ["n", "label"])
        #expect(rows.count == 1000)
        #expect(rows.affected == 1000)
        for (index, row) in rows.enumerated() {
            #expect(try row.int64(0) == Int64(index + 1))
            #expect(try row.text("label") == "row \(index + 1)")
        }
    }

    @Test func `counts the rows that a change touched`() async throws {
        try await connection.execute(script: "create temporary table t (id int)")
        #expect(try await connection.query("insert into t values (1), (2), (3)").affected == 3)
        #expect(try await connection.query("update t set id = 9 where id > 1").affected == 2)
        #expect(try await connection.query("delete from t").affected == 3)
    }

    @Test(arguments: [
        ("'x'", "no whole number"), ("'9223372036854775808'", "no whole number"),
        ("null", "is null"), ("''", "no whole number"), ("'1.0'", "no whole number"),
    ])
    func `says which column is not of the type`(expression: String, reason: String) async throws {
        let row = try #require(await connection.query("select \(raw: expression) as amount").first)
        let error = try #require(throws: PostgresError.self) { try row.int64("amount") }
        #expect(error.kind == .decoding)
        #expect(error.message.contains("amount") && error.message.contains(reason))
    }

    @Test func `names its columns when asked for another`() async throws {
        let row = try #require(await connection.query("select 1 as a, 2 as b").first)
        for result in [Result { try row.text("c") }, Result { try row.text(2) }] {
            let error = try #require(throws: PostgresError.self) { try result.get() }
            #expect(error.kind == .decoding)
            #expect(error.message.contains("a, b"))
        }
    }

    @Test(arguments: ["infinity", "-infinity"])
    func `has no number for the ends of time`(text: String) async throws {
        let row = try #require(await connection.query("select \(text)::timestamptz as at").first)
        let error = try #require(throws: PostgresError.self) { try row.microseconds("at") }
        #expect(error.kind == .decoding)
    }

    @Test(arguments: ["{a,NULL}", "{{a,b}}", "[0:0]={a}"])
    func `refuses arrays that a list cannot hold`(literal: String) async throws {
        let row = try #require(await connection.query("select \(literal)::text[] as list").first)
        let error = try #require(throws: PostgresError.self) { try row.textArray("list") }
        #expect(error.kind == .decoding)
    }

    @Test func `reads times in UTC whatever the session was told`() async throws {
        var settings = ConnectionSettings(
            url: try await TestServer.shared.url(database: "postgres")
        )
        settings.url += "&options=-c%20TimeZone%3DAsia/Kolkata%20-c%20DateStyle%3DGerman"
        let connection = try await Connection(settings)
        let row = try #require(
            await connection.query("select '2024-03-01 05:30:00+05:30'::timestamptz as at").first
        )
        #expect(try row.microseconds("at") == 1_709_251_200_000_000)
    }
}
