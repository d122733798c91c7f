import Entitlements
import Limits
import Service
import Store

extension GrantRequest {
    private static let known: Set<String> = [
        "feature", "effect", "mode", "value", "limit", "user", "session", "from", "to",
        "ttl_seconds", "reason",
    ]

    /// Reads the body of `POST /v1/accounts/{account}/grants`.
    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: Self.known)
        if fields.value("to") != nil, fields.value("ttl_seconds") != nil {
            throw Refusal(
                .invalidField,
                "to and ttl_seconds both say when the grant ends",
                field: "ttl_seconds",
                remedy: "give one of them"
            )
        }
        self.init(
            feature: try fields.required("feature", fields.name),
            effect: try fields.required("effect") { field throws(Refusal) -> Grant.Effect? in
                try fields.word(field)
            },
            mode: try fields.word("mode"),
            value: try fields.scalar("value"),
            limit: try fields.quantity("limit"),
            user: try fields.name("user"),
            session: try fields.sessionID("session"),
            from: try fields.instant("from"),
            to: try fields.instant("to"),
            lifetime: try fields.integer("ttl_seconds", in: 1...Limits.grantSeconds)
                .map { .seconds($0) },
            reason: try fields.required("reason") { field throws(Refusal) in
                try fields.text(field)
            }
        )
    }
}

extension Fields {
    /// A value that a `config` feature may have.
    fileprivate func scalar(_ field: String) throws(Refusal) -> JSON? {
        guard let value = value(field) else { return nil }
        switch value {
        case .bool, .integer, .number: return value
        case .string: return try text(field).map(JSON.string)
        case .null, .array, .object: throw invalid(field, "a text, a number, true or false")
        }
    }

    /// A limit: so many, or `"unlimited"`.
    fileprivate func quantity(_ field: String) throws(Refusal) -> Quantity? {
        guard let value = value(field) else { return nil }
        if value == "unlimited" { return .unlimited }
        guard value.number != nil else {
            throw invalid(field, "a whole number, or \"unlimited\"")
        }
        return try integer(field, in: 0...Limits.limitUnits).map(Quantity.units)
    }

    /// A session's id; one that none could have is as unknown as one that none has.
    fileprivate func sessionID(_ field: String) throws(Refusal) -> String? {
        guard let id = try string(field) else { return nil }
        guard SessionID.account(of: id) != nil else {
            throw .unknownSession(String(id.prefix(Limits.sessionIDCharacters)))
        }
        return id
    }
}

extension GrantRecord {
    /// The grant as management calls show it, with the account's revision as of the answer.
    func json(revision: Int64) -> JSON {
        [
            "grant": .string(grant.id),
            "account": .string(account),
            "feature": .string(grant.feature),
            "effect": .string(grant.effect.rawValue),
            "mode": .string(grant.mode.rawValue),
            "value": grant.value ?? .null,
            "limit": JSON(grant.limit),
            "user": JSON(grant.user),
            "session": JSON(grant.session),
            "from": JSON(grant.from),
            "to": JSON(grant.until),
            "reason": JSON(reason),
            "author": .string(author),
            "state": .string(state.rawValue),
            "created_at": JSON(grant.createdAt),
            "revision": .integer(revision),
        ]
    }
}

extension RevisedGrant {
    var json: JSON { record.json(revision: revision) }
}
