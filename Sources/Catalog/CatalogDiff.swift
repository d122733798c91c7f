import Entitlements

/// What applying one catalog over another would change.
package enum CatalogDiff {
    /// The differences, features first, each in the order of ids; empty where nothing would change.
    ///
    /// - Parameters:
    ///   - current: What is applied now; nil for nothing at all.
    ///   - versions: The latest version number of each plan that ever was applied.
    ///   - new: What is to be applied.
    /// - Returns: One change for each field that differs.
    package static func between(
        current: CatalogDefinition?,
        versions: [String: Int] = [:],
        new: CatalogDefinition
    ) -> [CatalogChange] {
        let features = pairs(current?.features ?? [], new.features, by: \.id)
            .flatMap { changes(.feature, $0.id, $0.before?.json, $0.after?.json, version: nil) }
        let plans = pairs(current?.plans ?? [], new.plans, by: \.id)
            .flatMap { pair in
                planChanges(pair.before, pair.after, latest: versions[pair.id] ?? 0)
            }
        return features + plans
    }

    private static func planChanges(
        _ before: PlanDefinition?,
        _ after: PlanDefinition?,
        latest: Int
    ) -> [CatalogChange] {
        guard let plan = after ?? before else { return [] }
        let subject: CatalogChange.Subject = plan.kind == .addon ? .addon : .plan
        let isNew = after.map { $0.content != before?.content } ?? false
        return changes(
            subject,
            plan.id,
            before?.json,
            after?.json,
            version: isNew ? latest + 1 : nil
        )
    }

    private static func changes(
        _ subject: CatalogChange.Subject,
        _ id: String,
        _ before: JSON?,
        _ after: JSON?,
        version: Int?
    ) -> [CatalogChange] {
        guard let before, let after else {
            let action: CatalogChange.Action = before == nil ? .added : .removed
            return [CatalogChange(subject: subject, id: id, action: action, version: version)]
        }
        return leaves(before, after, path: [])
            .map { leaf in
                CatalogChange(
                    subject: subject,
                    id: id,
                    action: .changed,
                    field: leaf.path.joined(separator: " "),
                    before: leaf.before,
                    after: leaf.after,
                    version: contentKeys.contains(leaf.path.first ?? "") || leaf.isEntitlement
                        ? version : nil
                )
            }
    }

    private static let contentKeys: Set = ["trial", "grace"]

    private struct Leaf {
        let path: [String]
        let isEntitlement: Bool
        let before: JSON?
        let after: JSON?
    }

    /// The smallest parts that differ.
    ///
    /// An entitlement goes by the name of its feature alone.
    private static func leaves(
        _ before: JSON?,
        _ after: JSON?,
        path: [String],
        isEntitlement: Bool = false
    ) -> [Leaf] {
        guard before != after else { return [] }
        guard let old = before?.object, let new = after?.object else {
            return [Leaf(path: path, isEntitlement: isEntitlement, before: before, after: after)]
        }
        return Set(old.keys).union(new.keys).sorted()
            .flatMap { key in
                let isTop = path.isEmpty && key == "entitlements" && !isEntitlement
                return leaves(
                    old[key],
                    new[key],
                    path: isTop ? [] : path + [key],
                    isEntitlement: isEntitlement || isTop
                )
            }
    }

    private static func pairs<Value>(
        _ before: [Value],
        _ after: [Value],
        by id: (Value) -> String
    ) -> [(id: String, before: Value?, after: Value?)] {
        let old = Dictionary(before.map { (id($0), $0) }) { first, _ in first }
        let new = Dictionary(after.map { (id($0), $0) }) { first, _ in first }
        return Set(old.keys).union(new.keys).sorted().map { ($0, old[$0], new[$0]) }
    }
}
