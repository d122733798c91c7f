import Catalog
import Entitlements
import Limits
import Service
import Store

/// The body of `POST /v1/catalog/migrations`.
struct MigrationInput {
    let request: MigrationRequest
    private let reason: String?

    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(
            body,
            known: [
                "plan", "from_version", "to_version", "dry_run", "cursor", "limit", "reason",
            ]
        )
        let versions = 1...Int64(Int32.max)
        reason = try fields.text("reason")
        request = MigrationRequest(
            scope: MigrationScope(
                plan: try fields.required("plan", fields.name),
                from: try fields.integer("from_version", in: versions).map(Int.init),
                to: try fields.integer("to_version", in: versions).map(Int.init)
            ),
            isDryRun: try fields.bool("dry_run") ?? true,
            cursor: try Self.cursor(fields),
            size: Int(
                try fields.integer("limit", in: 1...Int64(Limits.migrationPage.most))
                    ?? Int64(Limits.migrationPage.standard)
            )
        )
    }

    func author(_ author: Author) -> Author {
        var author = author
        author.reason = reason
        return author
    }

    /// An account and a subscription; a name has no slash.
    private static func cursor(_ fields: Fields) throws(Refusal) -> MigrationCursor? {
        guard let text = try fields.text("cursor") else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, Name.isValid(parts[0]) else {
            throw fields.invalid("cursor", "next_cursor of the page before")
        }
        return MigrationCursor(account: parts[0], subscription: parts[1])
    }
}

extension MigrationPage {
    func json(of request: MigrationRequest) -> JSON {
        [
            "plan": .string(request.scope.plan),
            "dry_run": .bool(request.isDryRun),
            request.isDryRun ? "would_move" : "moved": .integer(Int64(items.count)),
            "accounts": .integer(Int64(accounts)),
            "items": .array(items.map { $0.json(to: request.scope.to) }),
            "next_cursor": JSON(next.map { "\($0.account)/\($0.subscription)" }),
        ]
    }
}

extension MigrationItem {
    fileprivate func json(to version: Int?) -> JSON {
        [
            "account": .string(step.account),
            "subscription": .string(step.subscription),
            "from_version": step.from.map { .integer(Int64($0)) } ?? .null,
            "to_version": version.map { .integer(Int64($0)) } ?? .null,
            "gains": .array(gains.map(JSON.string)),
            "loses": .array(loses.map(JSON.string)),
            "changes": .array(
                changes.map { change in
                    [
                        "feature": .string(change.feature),
                        "before": change.before.amount,
                        "after": change.after.amount,
                    ]
                }
            ),
        ]
    }
}

extension Decision {
    /// The limit of what is counted, else the value.
    fileprivate var amount: JSON { limit?.json ?? value ?? .null }
}
