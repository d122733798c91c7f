import Testing
import TestSupport

@testable import Postgres

@Suite(.emptyDatabase) struct `A pipeline` {
    let connection: BlockingConnection

    init() throws {
        connection = try BlockingConnection(ConnectionSettings(url: TestDatabase.url))
        try connection.execute(script: "create table t (id int primary key)")
    }

    @Test func `answers each statement in its order`() throws {
        for _ in 0..<3 {
            let answers = try connection.pipeline([
                "begin isolation level repeatable read", "select 1 as n", "select \(2)::int as n",
                "select \(3)::int as n", "select count(*) as n from t", "commit",
            ])
            #expect(answers.count == 6)
            #expect(try answers[1...4].map { try $0[0].int64("n") } == [1, 2, 3, 0])
            #expect(!connection.isInTransaction)
        }
    }

    @Test func `may be empty`() throws {
        #expect(try connection.pipeline([]).isEmpty)
        #expect(try connection.query("select 1").count == 1)
    }

    @Test(arguments: [
        ["begin", "insert into t values (1)", "select 1/0", "insert into t values (2)", "commit"],
        ["insert into t values (1)", "select 1/0", "insert into t values (2)"],
        ["begin", "insert into t values (1)", "select nonsense", "commit"],
        ["insert into t values (1)", "insert into t values (1)"],
    ])
    func `is undone by an error in its middle, and the connection goes on`(texts: [String]) throws {
        for _ in 0..<2 {
            #expect(throws: PostgresError.self) {
                try connection.pipeline(texts.map { SQL(text: $0) })
            }
            #expect(!connection.isInTransaction)
            #expect(try connection.query("select from t").isEmpty)
        }
        let answers = try connection.pipeline([
            "insert into t values (7)", "insert into t values (8)", "select count(*) as n from t",
        ])
        #expect(try answers[2][0].int64("n") == 2)
    }

    @Test func `leaves a transaction to the one who opened it`() throws {
        _ = try connection.query("begin")
        #expect(throws: PostgresError.self) { try connection.pipeline(["select 1/0"]) }
        #expect(connection.isInTransaction)
        _ = try connection.query("rollback")
        #expect(!connection.isInTransaction)
    }

    @Test func `refuses what cannot be sent before it sends anything`() throws {
        let error = try #require(throws: PostgresError.self) {
            try connection.pipeline(["insert into t values (1)", "select \("\0")::text"])
        }
        #expect(error.sqlState == "22021")
        #expect(try connection.query("select from t").isEmpty)
    }

    @Test func `carries more than the sockets hold, both ways`() throws {
        let large = [UInt8](repeating: 1, count: 1 << 20)
        let answers = try connection.pipeline(
            (0..<8).map { _ in "select \(large)::bytea as value" },
            deadline: .seconds(20)
        )
        #expect(try answers.allSatisfy { try $0[0].bytes("value").count == 1 << 20 })
    }

    @Test func `is not repeated after it committed something`() throws {
        try connection.execute(script: "create table s (a int)")
        _ = try connection.query("select * from s")
        try connection.execute(script: "alter table s add b int")
        let error = try #require(throws: PostgresError.self) {
            try connection.pipeline([
                "begin", "insert into t values (1)", "commit", "select * from s",
            ])
        }
        #expect(error.isStaleStatement)
        #expect(try connection.query("select from t").count == 1)
    }
}
