import Glibc
import Testing
import TestSupport

@testable import Postgres

@Suite(.emptyDatabase) struct `A blocking connection` {
    private func connect(
        preparedStatements: Int = 256,
        options: [String: String] = [:]
    ) throws -> BlockingConnection {
        let settings = ConnectionSettings(url: TestDatabase.url, options: options)
        return try BlockingConnection(settings, preparedStatements: preparedStatements)
    }

    @Test func `gives up a frozen server at the deadline`() throws {
        let connection = try connect()
        let pid = try #require(connection.query("select pg_backend_pid() as pid").first)
        let backend = pid_t(try pid.int64("pid"))
        kill(backend, SIGSTOP)
        defer { kill(backend, SIGCONT) }
        let start = ContinuousClock.now
        let error = try #require(throws: PostgresError.self) {
            try connection.query("select 1", deadline: .milliseconds(200))
        }
        #expect(error.kind == .timeout)
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(!connection.isAlive)
        let after = try #require(throws: PostgresError.self) { try connection.query("select 1") }
        #expect(after.kind == .connection)
    }

    @Test func `gives up a frozen server that takes no more bytes`() throws {
        let connection = try connect()
        let pid = try #require(connection.query("select pg_backend_pid() as pid").first)
        let backend = pid_t(try pid.int64("pid"))
        kill(backend, SIGSTOP)
        defer { kill(backend, SIGCONT) }
        let large = [UInt8](repeating: 7, count: 8 << 20)
        let error = try #require(throws: PostgresError.self) {
            try connection.query("select \(large)::bytea", deadline: .milliseconds(200))
        }
        #expect(error.kind == .timeout)
    }

    @Test func `carries large values both ways`() throws {
        let large = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let rows = try connect().query("select \(large)::bytea as value", deadline: .seconds(20))
        #expect(try rows[0].bytes("value") == large)
    }

    @Test func `notices that its server process ended`() throws {
        let connection = try connect()
        let other = try connect()
        let pid = try connection.query("select pg_backend_pid() as pid")[0].int64("pid")
        #expect(connection.isAlive)
        _ = try other.query("select pg_terminate_backend(\(Int(pid))::int, 5000)")
        #expect(!connection.isAlive)
        let error = try #require(throws: PostgresError.self) { try connection.query("select 1") }
        #expect(error.kind == .connection)
        #expect(error.sqlState == "57P01")
    }

    @Test func `keeps a bounded number of statements prepared`() throws {
        let connection = try connect(preparedStatements: 3)
        let count: SQL = "select count(*) as n from pg_prepared_statements"
        for number in 0..<10 {
            let text = "select \(number) + $1::int as sum"
            let sql = SQL(text: text, parameters: [.text("1")])
            #expect(try connection.query(sql)[0].int64(0) == Int64(number + 1))
        }
        #expect(try connection.query(count)[0].int64("n") <= 4)
        #expect(try connection.query(count)[0].int64("n") <= 4)
    }

    @Test func `replaces statements inside a failed transaction too`() throws {
        let connection = try connect(preparedStatements: 2)
        _ = try connection.query("begin")
        _ = try connection.query("select 1")
        #expect(throws: PostgresError.self) { try connection.query("select 1/0") }
        #expect(throws: PostgresError.self) { try connection.query("select 2") }
        _ = try connection.query("rollback")
        #expect(try connection.query("select 3 as n")[0].int64("n") == 3)
    }

    @Test func `prepares again what a change of the schema made stale`() throws {
        let connection = try connect()
        try connection.execute(script: "create table t (a int); insert into t values (1)")
        #expect(try connection.query("select * from t").columns == ["a"])
        try connection.execute(script: "alter table t add b int")
        #expect(try connection.query("select * from t").columns == ["a", "b"])
        try connection.execute(script: "discard all")
        #expect(try connection.query("select * from t").columns == ["a", "b"])
        try connection.execute(script: "alter table t drop a")
        #expect(try connection.pipeline(["select 1", "select * from t"])[1].columns == ["b"])
    }

    @Test func `sets what its settings ask for, and the URL's own above it`() throws {
        var settings = ConnectionSettings(
            url: TestDatabase.url + "&application_name=mine&options=-c%20jit%3Don",
            lockTimeout: .milliseconds(1_234),
            options: [
                "jit": "off", "plan_cache_mode": "force_generic_plan",
                "search_path": "a, \"b \\c\"",
            ]
        )
        settings.statementTimeout = .seconds(7)
        let connection = try BlockingConnection(settings)
        let expected = [
            "application_name": "mine", "jit": "on", "plan_cache_mode": "force_generic_plan",
            "lock_timeout": "1234ms", "statement_timeout": "7s", "TimeZone": "UTC",
            "search_path": "a, \"b \\c\"", "client_encoding": "UTF8",
        ]
        for (name, value) in expected {
            #expect(
                try connection.query("select current_setting(\(name)) as v")[0].text("v") == value
            )
        }
    }
}
