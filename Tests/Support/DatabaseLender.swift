import Postgres

/// Lends each test a database of its own, so that commits, `listen` and several connections work
/// and no test sees another's rows.
///
/// A loan is a fresh copy of a template (some 40 ms), not an emptied one: what the migrations
/// themselves wrote is there again.
package actor DatabaseLender {
    package static let shared = DatabaseLender(prepare: TemplateDatabase.prepare)

    /// What a borrowed database holds.
    package enum Contents: Sendable {
        /// The product's schema.
        case schema
        /// Nothing.
        case nothing
    }

    private static let template = "usher_template"
    /// Tests all begin at once, and the server has only so many connections: so many databases are
    /// lent at a time, and the other tests wait for one to come back.
    private static let loansAtOnce = 16

    private let prepare: @Sendable (_ url: String) async throws -> Void
    private var preparing: Task<Pool, any Error>?
    private var loans = 0
    private var lent = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(prepare: @escaping @Sendable (_ url: String) async throws -> Void) {
        self.prepare = prepare
    }

    /// Lends a database while `body` runs; its URL is the argument.
    package nonisolated func lend(
        _ contents: Contents = .schema,
        _ body: (_ url: String) async throws -> Void
    ) async throws {
        await waitForTurn()
        do {
            try await lendNow(contents, body)
        } catch {
            await endTurn()
            throw error
        }
        await endTurn()
    }

    private nonisolated func lendNow(
        _ contents: Contents,
        _ body: (_ url: String) async throws -> Void
    ) async throws {
        let (pool, name) = try await book()
        let template = contents == .schema ? Self.template : "template1"
        _ = try await pool.query(
            "create database \(raw: name) template \(raw: template) strategy file_copy"
        )
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(TestServer.shared.url(database: name)))
        } catch {
            result = .failure(error)
        }
        // In a task of its own: the test's may be cancelled, by its time limit for instance.
        _ = await Task { try await pool.query("drop database \(raw: name) with (force)") }.result
        try result.get()
    }

    private func waitForTurn() async {
        guard lent == Self.loansAtOnce else {
            lent += 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// A turn passes straight to the one who waits longest.
    private func endTurn() {
        guard !waiting.isEmpty else {
            lent -= 1
            return
        }
        waiting.removeFirst().resume()
    }

    private func book() async throws -> (Pool, name: String) {
        let pool = try await administration()
        loans += 1
        return (pool, "usher_test_\(loans)")
    }

    private func administration() async throws -> Pool {
        if let preparing { return try await preparing.value }
        let prepare = prepare
        let task = Task {
            var settings = ConnectionSettings(
                url: try await TestServer.shared.url(database: "postgres")
            )
            settings.statementTimeout = .seconds(30)
            let pool = Pool(settings, maximum: 4, wait: .seconds(60))
            _ = try await pool.query("create database \(raw: Self.template)")
            try await prepare(TestServer.shared.url(database: Self.template))
            return pool
        }
        preparing = task
        return try await task.value
    }
}
