package import Catalog
package import Entitlements
package import Store

/// What applying a catalog changes, or would change.
package struct CatalogOutcome: Sendable {
    package let changes: [CatalogChange]
    package let revision: Int64
    package let isApplied: Bool
}

extension UsherService {
    /// What applying these files would change.
    ///
    /// Nothing is written.
    package func diffCatalog(_ files: [CatalogFile]) async throws -> CatalogOutcome {
        let new = try Self.parse(files)
        let stored = try await store.catalog()
        return CatalogOutcome(
            changes: stored.changes(to: new),
            revision: stored.revision,
            isApplied: false
        )
    }

    /// Applies files as the whole catalog, in one transaction: all of it or nothing.
    ///
    /// A plan whose content changed gets a new version, which every subscription follows at once;
    /// with `grandfather` the existing ones stay on the version that they have.
    package func applyCatalog(
        _ files: [CatalogFile],
        grandfather: Bool,
        as author: Author
    ) async throws -> CatalogOutcome {
        let new = try Self.parse(files)
        return try await store.write(as: author) { connection in
            try await store.lockCatalog(on: connection)
            let stored = try await store.catalog(on: connection)
            let changes = stored.changes(to: new)
            // An equal catalog writes nothing, so that each instance may apply it at its start.
            guard !changes.isEmpty else {
                return CatalogOutcome(changes: [], revision: stored.revision, isApplied: true)
            }
            try await store.write(new, over: stored, grandfather: grandfather, on: connection)
            return CatalogOutcome(
                changes: changes,
                revision: try await store.catalog(on: connection).revision,
                isApplied: true
            )
        }
    }

    /// Switches a feature off for everybody, or on again.
    package func setDisabled(
        feature: String,
        _ disabled: Bool,
        reason: String?,
        as author: Author
    ) async throws -> Feature {
        var author = author
        author.reason = reason
        let exists = try await store.write(as: author) { connection in
            try await store.setDisabled(feature: feature, disabled, on: connection)
        }
        let view = try await barrier.view()
        guard exists, let found = view.live.configuration.features[feature] else {
            throw Refusal.unknownFeature(feature)
        }
        return found
    }

    private static func parse(_ files: [CatalogFile]) throws(Refusal) -> CatalogDefinition {
        do {
            return try CatalogDefinition(parsing: files)
        } catch {
            let count = error.problems.count
            throw Refusal(
                .catalogInvalid,
                "the catalog has \(count) mistake\(count == 1 ? "" : "s"); nothing was applied",
                field: "files",
                remedy: "mend them and apply again; usher catalog validate shows them offline",
                problems: error.problems.map(\.json)
            )
        }
    }
}

extension StoredCatalog {
    fileprivate func changes(to new: CatalogDefinition) -> [CatalogChange] {
        let current = definition
        return CatalogDiff.between(
            current: current.features.isEmpty && current.plans.isEmpty ? nil : current,
            versions: latestVersions,
            new: new
        )
    }
}
