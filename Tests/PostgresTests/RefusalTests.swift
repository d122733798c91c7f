import Limits
import Postgres
import TestSupport
import Testing

@Suite(.emptyDatabase) struct `A refusal` {
    let connection: Connection

    init() async throws {
        var settings = ConnectionSettings(url: TestDatabase.url)
        settings.statementTimeout = .milliseconds(300)
        settings.lockTimeout = .milliseconds(100)
        connection = try await Connection(settings)
        try await connection.execute(
            script: """
                create table parent (id int primary key);
                create table child (
                    id int constraint child_key primary key,
                    parent_id int not null constraint child_parent references parent,
                    amount int constraint child_amount_positive check (amount > 0)
                );
                insert into parent values (1);
                insert into child values (1, 1, 1);
                """
        )
    }

    @Test(arguments: [
        ("insert into child values (1, 1, 1)", "23505", "child_key", ""),
        ("insert into child values (2, 9, 1)", "23503", "child_parent", ""),
        ("insert into child values (2, 1, 0)", "23514", "child_amount_positive", ""),
        ("insert into child values (2, null, 1)", "23502", "", "parent_id"),
    ])
    func `names what was violated`(
        statement: String,
        sqlState: String,
        constraint: String,
        column: String
    ) async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await connection.query(SQL(text: statement))
        }
        #expect(error.kind == .server)
        #expect(error.sqlState == sqlState)
        #expect(error.constraint ?? "" == constraint)
        #expect(error.column ?? "" == column)
        #expect(error.table == "child")
        #expect(error.detail != nil)
        #expect(!error.isRetryable && !error.isUnavailable)
        #expect("\(error)".contains(sqlState))
        #expect(try await connection.query("select 1").count == 1)
    }

    @Test func `of a slow statement is a timeout, and the connection stays`() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await connection.query("select pg_sleep(10)")
        }
        #expect(error.kind == .timeout)
        #expect(error.sqlState == "57014")
        #expect(error.isUnavailable && !error.isRetryable)
        #expect(try await connection.query("select 1").count == 1)
    }

    @Test func `of a lock that somebody holds says so`() async throws {
        let other = try await Connection(ConnectionSettings(url: TestDatabase.url))
        try await other.execute(script: "begin; lock table child")
        let error = try await #require(throws: PostgresError.self) {
            try await connection.query("select * from child")
        }
        #expect(error.sqlState == "55P03")
        #expect(error.isUnavailable)
    }

    @Test func `of copy ends the connection, for it could not be answered`() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await connection.execute(script: "copy parent from stdin")
        }
        #expect(error.kind == .protocolViolation)
        #expect(!connection.isReusable)
    }

    @Test func `of a script leaves nothing of it`() async throws {
        await #expect(throws: PostgresError.self) {
            try await connection.execute(script: "insert into parent values (2); select 1/0")
        }
        #expect(try await connection.query("select from parent").count == 1)
    }

    @Test(arguments: [
        (PostgresError(kind: .connection, message: ""), false, true),
        (PostgresError(kind: .timeout, message: ""), false, true),
        (PostgresError(kind: .poolExhausted, message: ""), false, true),
        (PostgresError(kind: .outcomeUnknown, message: ""), false, true),
        (PostgresError(kind: .cancelled, message: ""), false, false),
        (PostgresError(kind: .decoding, message: ""), false, false),
        (PostgresError(kind: .server, sqlState: "40001", message: ""), true, false),
        (PostgresError(kind: .server, sqlState: "40P01", message: ""), true, false),
        (PostgresError(kind: .server, sqlState: "57P01", message: ""), false, true),
        (PostgresError(kind: .server, sqlState: "57P03", message: ""), false, true),
        (PostgresError(kind: .server, sqlState: "53300", message: ""), false, true),
        (PostgresError(kind: .server, sqlState: "42601", message: ""), false, false),
    ])
    func `tells what the caller may do`(error: PostgresError, retry: Bool, unavailable: Bool) {
        #expect(error.isRetryable == retry)
        #expect(error.isUnavailable == unavailable)
    }
}

@Suite struct `A connection that cannot be made` {
    @Test(arguments: [
        "postgresql://127.0.0.1:1/none", "postgresql:///none?host=/nonexistent", "postgresql://[",
        "host=/nonexistent wrong=1",
    ])
    func `is an error that says so`(url: String) async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await Connection(ConnectionSettings(url: url))
        }
        #expect(error.kind == .connection)
        #expect(error.isUnavailable)
        #expect(!error.message.isEmpty)
    }
}
