import Entitlements
import Testing

@testable import usher

@Suite struct `A catalog migration` {
    private static let moves: [JSON] = [
        [
            "account": "acme", "subscription": "sub_1", "from_version": 2, "to_version": 3,
            "gains": ["sso"], "loses": [], "changes": [],
        ],
        [
            "account": "acme", "subscription": "sub_2", "from_version": 1, "to_version": .null,
            "gains": [], "loses": ["api", "sso"],
            "changes": [["feature": "days", "before": 90, "after": 120]],
        ],
        [
            "account": "nova", "subscription": "sub_3", "from_version": 2, "to_version": 3,
            "gains": [], "loses": [], "changes": [],
        ],
    ]

    private static func page(_ moves: ArraySlice<JSON>, next: String?) -> APIAnswer {
        let json: JSON = [
            "items": .array(Array(moves)), "next_cursor": next.map { .string($0) } ?? .null,
        ]
        return APIAnswer(
            status: 200,
            text: json.description,
            json: json,
            retryAfter: nil,
            duration: .zero
        )
    }

    private let terminal = Terminal(hasColours: false)

    /// A service of two pages, which notes what it is asked and fails where it is told to.
    private func run(
        _ migration: inout CatalogMigration,
        failingAt cursor: String? = "never"
    ) async throws -> (bodies: [JSON], progress: [Int]) {
        var bodies: [JSON] = []
        var progress: [Int] = []
        try await migration.run { request throws(CommandFailure) in
            guard case .json(let body) = request.body else { throw CommandFailure("no body") }
            #expect("\(request.method) \(request.target)" == "POST /v1/catalog/migrations")
            bodies.append(body)
            if body["cursor"]?.string == cursor { throw CommandFailure("Too busy.") }
            return body["cursor"] == nil
                ? Self.page(Self.moves[..<2], next: "c1") : Self.page(Self.moves[2...], next: nil)
        } page: { _, moves in
            progress.append(moves)
        }
        return (bodies, progress)
    }

    @Test func `goes through all pages`() async throws {
        var migration = CatalogMigration(plan: "pro", from: 2, to: 3, isApplied: true)
        let (bodies, progress) = try await run(&migration)
        let first: JSON = ["plan": "pro", "from_version": 2, "to_version": 3, "dry_run": false]
        let second: JSON = [
            "plan": "pro", "from_version": 2, "to_version": 3, "dry_run": false, "cursor": "c1",
        ]
        #expect(bodies == [first, second])
        #expect(progress == [2, 3])
        #expect(migration.moves == Self.moves)
        #expect(
            migration.lines(on: terminal).last
                == "moved: 3 subscriptions of 2 accounts to version 3 of plan pro; "
                + "1 of them loses something"
        )
    }

    @Test func `moves nothing unless it is told to, and follows the plan by default`() async throws
    {
        var migration = CatalogMigration(plan: "pro", from: nil, to: nil, isApplied: false)
        let (bodies, _) = try await run(&migration)
        #expect(bodies.first == ["plan": "pro", "dry_run": true])
        let summary = try #require(migration.lines(on: terminal).last)
        #expect(summary.hasPrefix("not moved, as --apply was not given: 3 subscriptions"))
        #expect(summary.contains("to following plan pro"))
    }

    @Test func `shows who gains and loses what`() async throws {
        var migration = CatalogMigration(plan: "pro", from: nil, to: nil, isApplied: false)
        _ = try await run(&migration)
        let lines = migration.lines(on: terminal)
        #expect(lines[1] == "acme     sub_1         v2    v3       sso    -         -")
        #expect(
            lines[2] == "acme     sub_2         v1    follows  -      api, sso  days 90 → 120"
        )
    }

    @Test func `says what had moved when the service does not go on`() async {
        var migration = CatalogMigration(plan: "pro", from: nil, to: nil, isApplied: true)
        let failure = await #expect(throws: CommandFailure.self) {
            try await run(&migration, failingAt: "c1")
        }
        #expect(failure?.message == "Too busy.")
        let rest = "2 subscriptions had moved by then; the same command moves the rest."
        #expect(failure?.details == [rest])
        let lines = migration.lines(on: terminal)
        #expect(lines.count == 3)
        #expect(lines.last?.hasPrefix("acme     sub_2") == true)
    }

    @Test(arguments: [true, false])
    func `has no more to say when nothing had moved`(isApplied: Bool) async {
        var migration = CatalogMigration(plan: "pro", from: nil, to: nil, isApplied: isApplied)
        let cursor = isApplied ? nil : "c1"
        let failure = await #expect(throws: CommandFailure.self) {
            try await run(&migration, failingAt: cursor)
        }
        #expect(failure == CommandFailure("Too busy."))
    }

    @Test(.timeLimit(.minutes(1))) func `does not go around in circles`() async {
        var migration = CatalogMigration(plan: "pro", from: nil, to: nil, isApplied: false)
        let failure = await #expect(throws: CommandFailure.self) {
            try await migration.run { _ in
                Self.page([], next: "c1")
            } page: { _, _ in
            }
        }
        #expect(failure?.message == "The service named the same page twice.")
    }

    @Test func `says when there is nothing to move`() async throws {
        var migration = CatalogMigration(plan: "pro", from: 9, to: nil, isApplied: false)
        try await migration.run { _ in
            Self.page([], next: nil)
        } page: { _, _ in
        }
        #expect(
            migration.lines(on: terminal) == ["no subscription to plan pro is to be moved"]
        )
    }
}
