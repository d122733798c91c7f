import Entitlements
import Flags
import Service
import Store

extension FlagRecord {
    /// The flag as it stands behind a barrier that was read after it.
    func json(in view: BarrierView) -> JSON {
        [
            "key": .string(key), "version": .integer(Int64(version)), "definition": definition,
            "killed_at": JSON(killedAt), "changed_at": JSON(changedAt),
            "stale": staleness(in: view)?.json ?? .null,
        ]
    }
}

extension Staleness {
    fileprivate var json: JSON {
        switch self {
        case .expired(let since): ["why": "expired", "since": JSON(since)]
        case .oneSided(let since): ["why": "one_sided", "since": JSON(since)]
        }
    }
}

extension FlagVersion {
    var json: JSON {
        [
            "key": .string(key), "version": .integer(Int64(version)),
            "definition": definition ?? .null, "author": .string(author),
            "reason": reason.map(JSON.string) ?? .null, "at": JSON(at),
        ]
    }
}

extension FlagImport {
    func json(isApplied: Bool) -> JSON {
        [
            "applied": .bool(isApplied), "added": .array(added.map(JSON.string)),
            "changed": .array(changed.map(JSON.string)),
            "removed": .array(removed.map(JSON.string)), "shared_changed": .bool(changesShared),
        ]
    }
}
