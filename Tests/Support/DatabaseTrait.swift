package import Testing

/// The database that the running test has borrowed.
package enum TestDatabase {
    /// A libpq URL.
    ///
    /// Outside of a test with `.database` it leads nowhere, rather than to a real server.
    @TaskLocal package static var url = "postgresql://no-database-trait.invalid/"
}

/// Gives each test case a database of its own, under ``TestDatabase/url``.
///
/// So many are lent at once; a test's time limit includes the wait for its turn, which is as long as
/// the rest of the run, and is to stop what hangs.
package struct DatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    private let contents: DatabaseLender.Contents

    fileprivate init(_ contents: DatabaseLender.Contents) {
        self.contents = contents
    }

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        // The suite itself needs none.
        guard testCase != nil else { return try await body() }
        try await DatabaseLender.shared.lend(contents) { url in
            try await TestDatabase.$url.withValue(url) { try await body() }
        }
    }
}

extension Trait where Self == DatabaseTrait {
    /// A database with the product's schema.
    package static var database: Self { DatabaseTrait(.schema) }
    /// A database with nothing in it.
    package static var emptyDatabase: Self { DatabaseTrait(.nothing) }
}
