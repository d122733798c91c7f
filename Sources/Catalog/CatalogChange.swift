package import Entitlements

/// One difference between two catalogs, for a person to read and for a program to act on.
package struct CatalogChange: Sendable, Hashable {
    package enum Subject: String, Sendable { case feature, plan, addon }
    package enum Action: String, Sendable { case added, removed, changed }

    package let subject: Subject
    package let id: String
    package let action: Action
    /// What changed within it, such as `api_calls limit`; nil when it came or went whole.
    package let field: String?
    package let before: JSON?
    package let after: JSON?
    /// The version that a plan becomes; nil where its content stays.
    package let version: Int?

    package init(
        subject: Subject,
        id: String,
        action: Action,
        field: String? = nil,
        before: JSON? = nil,
        after: JSON? = nil,
        version: Int? = nil
    ) {
        self.subject = subject
        self.id = id
        self.action = action
        self.field = field
        self.before = before
        self.after = after
        self.version = version
    }

    package var json: JSON {
        let members: [String: JSON?] = [
            "subject": .string(subject.rawValue),
            "id": .string(id),
            "action": .string(action.rawValue),
            "field": field.map(JSON.string),
            "before": before,
            "after": after,
            "version": version.map { .integer(Int64($0)) },
            "text": .string(description),
        ]
        return .object(members.compactMapValues(\.self))
    }
}

extension CatalogChange: CustomStringConvertible {
    /// One line, as in "plan pro: api_calls limit 100000 → 200000, becomes version 4".
    package var description: String {
        let what = field.map { "\($0) \(text(before)) → \(text(after))" } ?? action.rawValue
        return "\(subject.rawValue) \(id): \(what)"
            + (version.map { ", becomes version \($0)" } ?? "")
    }

    private func text(_ value: JSON?) -> String {
        value.map { $0.string ?? $0.description } ?? "none"
    }
}
