import Entitlements

/// A named set of users, accounts and sessions, ready to be asked; shared by all rules.
final class Segment: Sendable {
    let name: String
    let members: Members
    let excluded: Members
    let rule: Node?

    init(name: String, members: Members, excluded: Members, rule: Node?) {
        self.name = name
        self.members = members
        self.excluded = excluded
        self.rule = rule
    }
}

/// Users, accounts and sessions named one by one.
package struct Members: Sendable, Hashable {
    package var users: Set<String> = []
    package var accounts: Set<String> = []
    package var sessions: Set<String> = []

    func contains(_ context: FlagContext) -> Bool {
        Self.contains(users, context, "user") || Self.contains(accounts, context, "account")
            || Self.contains(sessions, context, "session")
    }

    private static func contains(
        _ names: Set<String>,
        _ context: FlagContext,
        _ attribute: String
    ) -> Bool {
        guard !names.isEmpty, let name = context.text(attribute) else { return false }
        return names.contains(name)
    }
}
