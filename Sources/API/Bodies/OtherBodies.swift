import Entitlements
import Service
import Store

extension JSON {
    init(_ text: String?) {
        self = text.map(JSON.string) ?? .null
    }

    init(_ number: Int64?) {
        self = number.map(JSON.integer) ?? .null
    }
}

extension Page {
    /// The page as `{items, next_cursor}`.
    func json(_ write: (Item) -> JSON) -> JSON {
        ["items": .array(items.map(write)), "next_cursor": JSON(next)]
    }
}

extension KeyRecord {
    var json: JSON {
        [
            "id": .string(id),
            "name": .string(name),
            "scopes": .array(scopes.map { .string($0.rawValue) }),
            "created_at": JSON(createdAt),
            "expires_at": JSON(expiresAt),
            "revoked_at": JSON(revokedAt),
        ]
    }
}

extension NewKey {
    var json: JSON {
        var members = record.json.object ?? [:]
        members["revoked_at"] = nil
        members["key"] = .string(secret)
        return .object(members)
    }
}

extension ChangeRecord {
    var json: JSON {
        [
            "account": .string(account),
            "revision": .integer(revision),
            "at": JSON(at),
            "entity": .string(entity),
            "key": key,
            "operation": .string(operation),
            "actor": .string(actor),
            "reason": JSON(reason),
            "request_id": JSON(requestID),
            "before": before,
            "after": after,
            "hash": .string(Hex.text(of: hash)),
        ]
    }
}

/// Bytes in lower-case hexadecimal.
enum Hex {
    static func text(of bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }
}

extension ChainVerdict {
    var json: JSON {
        switch self {
        case .verified(let chains, let changes):
            [
                "verified": true, "chains": .integer(Int64(chains)),
                "changes": .integer(Int64(changes)),
            ]
        case .broken(let account, let revision, let problem):
            [
                "verified": false, "account": .string(account), "revision": .integer(revision),
                "detail": .string(problem),
            ]
        }
    }
}

extension InboxRecord {
    var json: JSON {
        [
            "id": .string("\(id)"),
            "source": .string(source),
            "event": .string(eventKey),
            "type": .string(eventType),
            "subject": subject.map { ["kind": .string($0.kind), "id": .string($0.id)] } ?? .null,
            "state": .string(state.rawValue),
            "attempts": .integer(Int64(attempts)),
            "last_error": JSON(lastError),
            "received_at": JSON(receivedAt),
            "applied_at": state == .applied ? JSON(settledAt) : .null,
        ]
    }
}

extension SyncResult {
    var json: JSON {
        [
            "status": .string(status.rawValue),
            "account": JSON(account),
            "revision": JSON(revision),
        ]
    }
}
