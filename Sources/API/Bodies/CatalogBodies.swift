import Catalog
import Entitlements
import Service
import Store

extension Feature {
    var json: JSON {
        [
            "feature": .string(id),
            "type": .string(kind.rawValue),
            "value_type": JSON(valueType?.rawValue),
            "combine": .string(combine.rawValue),
            "name": JSON(name),
            "unit": JSON(unit),
            "pool": JSON(pool),
            "cost": pool == nil ? .null : .integer(cost),
            "gate": JSON(gate),
            "disabled_at": JSON(disabledSince),
        ]
    }
}

extension StoredCatalog {
    var json: JSON {
        [
            "configuration_revision": .integer(revision),
            "default_plan": JSON(plans.first { $0.definition.isDefault }?.definition.id),
            "features": .array(features.map(\.json)),
            "plans": .array(plans.filter { !$0.isArchived }.map(\.json)),
        ]
    }
}

extension StoredCatalog.StoredPlan {
    fileprivate var json: JSON {
        [
            "plan": .string(definition.id),
            "kind": .string(definition.kind.rawValue),
            "name": JSON(definition.name),
            "description": JSON(definition.description),
            "family": .string(definition.family ?? definition.id),
            "current_version": .integer(Int64(currentVersion)),
            "billing": .object(
                definition.prices.mapValues { .array($0.map(JSON.string)) }
            ),
            "versions": .array(versions.map { $0.version.json(createdAt: $0.createdAt) }),
        ]
    }
}

extension PlanVersion {
    fileprivate func json(createdAt: Instant) -> JSON {
        [
            "version": .integer(Int64(version)),
            "created_at": JSON(createdAt),
            "entitlements": .object(entitlements.mapValues(\.listing)),
            "trial": trialDays.map(trial) ?? .null,
            "grace_days": .integer(grace.components.seconds / 86_400),
        ]
    }

    private func trial(days: Int) -> JSON {
        let atEnd = trialAtEnd ?? (trialThen == nil ? .cancel : .fallback)
        return [
            "days": .integer(Int64(days)),
            "then": JSON(trialThen),
            "at_end": .string(atEnd.rawValue),
        ]
    }
}

extension Entitlement {
    fileprivate var listing: JSON {
        let limit: JSON =
            switch limit {
            case nil: .null
            case .unlimited: "unlimited"
            case .units(let units): .integer(units)
            }
        return ["value": value ?? .null, "limit": limit, "settings": .object(settings)]
    }
}

extension CatalogOutcome {
    var json: JSON {
        [
            "changes": .array(changes.map { .string($0.description) }),
            "configuration_revision": .integer(revision),
            "applied": .bool(isApplied),
        ]
    }
}

/// The body of `PUT /v1/catalog` and `POST /v1/catalog/diff`.
struct CatalogInput {
    let files: [CatalogFile]
    let grandfather: Bool

    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: ["files", "grandfather"])
        let named = try fields.required("files", fields.object)
        guard 1...256 ~= named.count else {
            throw fields.invalid("files", "1 to 256 files, by name")
        }
        var files: [CatalogFile] = []
        for (path, text) in named.sorted(by: { $0.key < $1.key }) {
            guard CatalogFile.isCatalogFile(path), path.utf8.count <= 134, !path.contains("/"),
                let text = text.string
            else {
                throw fields.invalid("files", "file names ending in .yaml, each with its text")
            }
            files.append(CatalogFile(path: path, text: text))
        }
        self.files = files
        grandfather = try fields.bool("grandfather") ?? false
    }
}
