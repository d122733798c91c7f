import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A database that took another's place` {
    @Test func `in the same cluster is read afresh`() async throws {
        let shop = try await Shop()
        let session = try await shop.open("acme")
        let reader = shop.reader()
        #expect(try await reader.view(session: session).session != nil)
        try await DatabaseLender.shared.lend { url in
            let first = try await name(of: shop)
            let second = try await name(of: Shop(at: url))
            try await swap(first, second)
            // The same cluster in the same life, and not one row in common.
            let result = await Result { try await reader.view(session: session) }
            try await swap(first, second)
            #expect(try result.get().session == nil)
        }
        #expect(try await reader.view(session: session).session != nil)
    }

    private func name(of shop: Shop) async throws -> String {
        try await shop.pool.query("select current_database() as name")[0].text("name")
    }

    /// Gives each of two databases the other's name; whoever is connected is cut off.
    private func swap(_ first: String, _ second: String) async throws {
        let server = try await Connection(
            ConnectionSettings(url: TestServer.shared.url(database: "postgres"))
        )
        try await server.execute(
            script: """
                select pg_terminate_backend(pid, 10000) from pg_stat_activity
                 where datname in ('\(first)', '\(second)');
                alter database \(first) rename to usher_test_swap;
                alter database \(second) rename to \(first);
                alter database usher_test_swap rename to \(second);
                """
        )
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call came to.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
