import Entitlements
import Postgres
import Store
import Testing

@testable import API
@testable import Service

/// An account whose time stands still, with one subscription that a story is about.
struct Subscriber: Sendable {
    let live: Live
    let account: String
    let session: String

    static let start = "2026-03-02T12:00:00.000Z"

    init(_ live: Live, _ account: String = "acme", now: String = start) async throws {
        self.live = live
        self.account = account
        session = try await live.signUp(account)
        try await at(now)
    }

    var path: String { "/v1/accounts/\(account)/subscriptions/main" }

    /// Sets the account's clock.
    func at(_ time: String) async throws {
        let instant = try #require(Instant(rfc3339: time))
        _ = try await live.service.store.pool.query(
            """
            update account set clock_at = \(timestamp: instant.microseconds)
             where account_id = \(account)
            """
        )
    }

    @discardableResult
    func put(
        _ body: JSON,
        id: String = "main",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let answer = try await live.send(
            "PUT",
            "/v1/accounts/\(account)/subscriptions/\(id)",
            body
        )
        #expect(answer.status < 300, "\(answer.text)", sourceLocation: sourceLocation)
        return answer.json
    }

    @discardableResult
    func act(
        _ action: String,
        _ body: JSON? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let answer = try await live.send("POST", "\(path)/\(action)", body)
        #expect(answer.status == 200, "\(answer.text)", sourceLocation: sourceLocation)
        return answer.json
    }

    func expectRefused(
        _ action: String,
        _ body: JSON? = nil,
        _ code: Refusal.Code,
        _ field: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answer = try await live.send("POST", "\(path)/\(action)", body)
        try Shape.expectProblem(
            answer,
            code.status,
            code,
            field: field,
            sourceLocation: sourceLocation
        )
        #expect(answer.json["remedy"]?.string != nil, sourceLocation: sourceLocation)
    }

    func get() async throws -> JSON {
        try await live.send("GET", path).json
    }

    /// The reason of a check, now; `sso` is open on `pro` alone.
    func reason(_ feature: String = "sso") async throws -> String {
        try await live.check(session, feature).json["reason"]?.string ?? "none"
    }
}
