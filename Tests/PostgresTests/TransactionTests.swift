import Glibc
import Limits
import Testing
import TestSupport

@testable import Postgres

@Suite(.emptyDatabase, .timeLimit(.minutes(5))) struct `A transaction` {
    private struct Objection: Error {}

    let pool: Pool

    init() async throws {
        pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 4)
        try await pool.withConnection { connection in
            try await connection.execute(
                script: """
                    create table t (id int primary key, amount int);
                    insert into t values (1, 0), (2, 0);
                    """
            )
        }
    }

    @Test func `is committed when its body returns`() async throws {
        let answer = try await pool.transaction { connection in
            _ = try await connection.query("update t set amount = 5")
            return "done"
        }
        #expect(answer == "done")
        #expect(try await total() == 10)
        #expect(pool.statistics.idle == 1)
    }

    @Test func `is rolled back by an error of its body, which is passed on`() async throws {
        await #expect(throws: Objection.self) {
            try await pool.transaction { connection in
                _ = try await connection.query("update t set amount = 5")
                throw Objection()
            }
        }
        #expect(try await total() == 0)
        #expect(
            pool.statistics == PoolStatistics(maximum: 4, inUse: 0, idle: 1, opening: 0, waiting: 0)
        )
    }

    @Test func `is rolled back when its task is cancelled`() async throws {
        let task = Task {
            try await pool.transaction { connection in
                _ = try await connection.query("update t set amount = 5")
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await total() == 0)
        #expect(pool.statistics.idle == 1)
    }

    @Test func `does not pass for committed when its body hid an error`() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { connection in
                _ = try await connection.query("update t set amount = 5")
                _ = try? await connection.query("select 1/0")
            }
        }
        #expect(error.sqlState == "25P02")
        #expect(try await total() == 0)
    }

    @Test func `that another one overtook is run again (40001)`() async throws {
        let tries = Shared(0)
        try await pool.transaction(isolation: .repeatableRead) { connection in
            tries.change { $0 += 1 }
            _ = try await connection.query("select * from t")
            if tries.value == 1 {
                _ = try await pool.query("update t set amount = 100 where id = 1")
            }
            _ = try await connection.query("update t set amount = amount + 1 where id = 1")
        }
        #expect(tries.value == 2)
        #expect(try await total() == 101)
    }

    @Test func `that was refused at commit is run again (40001)`() async throws {
        let tries = Shared(0)
        let pool = pool
        try await pool.transaction(isolation: .serializable) { connection in
            let sum = try await connection.query("select sum(amount)::int as n from t")[0]
                .int64("n")
            tries.change { $0 += 1 }
            if tries.value == 1 {
                // Reads what the outer one writes and writes what it reads.
                try await pool.transaction(isolation: .serializable) { other in
                    let sum = try await other.query("select sum(amount)::int as n from t")[0]
                    let next = try sum.int64("n") + 1
                    _ = try await other.query("insert into t values (3, \(next)::int)")
                }
            }
            _ = try await connection.query("insert into t values (4, \(sum + 1)::int)")
        }
        #expect(tries.value == 2)
        #expect(try await total() == 3)
    }

    @Test func `that was the victim of a deadlock is run again (40P01)`() async throws {
        let tries = Shared(0)
        let firstLocks = Shared(0)
        let pool = pool
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (first, second) in [(1, 2), (2, 1)] {
                group.addTask {
                    try await pool.transaction { connection in
                        tries.change { $0 += 1 }
                        _ = try await connection.query("set local lock_timeout = '10s'")
                        _ = try await connection.query("set local deadlock_timeout = '20ms'")
                        let lock = "update t set amount = amount + 1 where id = "
                        _ = try await connection.query("\(raw: lock)\(first)")
                        firstLocks.change { $0 += 1 }
                        while firstLocks.value < 2 { await Task.yield() }
                        _ = try await connection.query("\(raw: lock)\(second)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(tries.value == 3)
        #expect(try await total() == 4)
    }

    @Test func `gives up after so many tries`() async throws {
        let tries = Shared(0)
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { connection in
                tries.change { $0 += 1 }
                _ = try await connection.query(
                    "do $$ begin raise exception using errcode = '40001'; end $$"
                )
            }
        }
        #expect(error.sqlState == "40001")
        #expect(tries.value == Limits.transactionTries)
    }

    @Test func `whose commit was not answered has an unknown outcome, and is not run again`()
        async throws
    {
        let tries = Shared(0)
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { connection in
                tries.change { $0 += 1 }
                // A deferred trigger: the session ends while it commits.
                try await connection.execute(
                    script: """
                        create function f() returns trigger language plpgsql as $$ begin
                            perform pg_terminate_backend(pg_backend_pid(), 5000);
                            return null;
                        end $$;
                        create constraint trigger c after insert on t deferrable initially deferred
                            for each row execute function f();
                        insert into t values (9, 9);
                        """
                )
            }
        }
        #expect(error.kind == .outcomeUnknown)
        #expect(error.isUnavailable && !error.isRetryable)
        #expect(tries.value == 1)
        #expect(pool.statistics.idle == 0)
        #expect(try await total() == 0)
    }

    private func total() async throws -> Int64 {
        try await pool.query("select sum(amount) as n from t")[0].int64("n")
    }
}
