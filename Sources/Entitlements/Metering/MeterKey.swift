/// Which meter: of an account, for one of those whose units are counted apart, and a feature.
///
/// Ordered by the UTF-8 bytes of its parts: the order in which rows are locked, everywhere.
package struct MeterKey: Sendable, Hashable, Comparable {
    package let account: String
    /// Empty for the account's own pool, else `user:…` or `session:…`.
    package let subject: String
    package let feature: String
    /// Of all three, taken once: a key is looked up many times on its way through a transaction.
    private let digest: Int

    package init(account: String, subject: String = "", feature: String) {
        self.account = account
        self.subject = subject
        self.feature = feature
        var hasher = Hasher()
        hasher.combine(account)
        hasher.combine(subject)
        hasher.combine(feature)
        digest = hasher.finalize()
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(digest)
    }

    package static func == (left: MeterKey, right: MeterKey) -> Bool {
        left.digest == right.digest && left.account == right.account
            && left.feature == right.feature && left.subject == right.subject
    }

    package static func < (left: MeterKey, right: MeterKey) -> Bool {
        if left.account != right.account { return left.account.precedes(right.account) }
        if left.subject != right.subject { return left.subject.precedes(right.subject) }
        return left.feature.precedes(right.feature)
    }
}

extension MeterKey {
    /// The subject of a user's own meter.
    package static func subject(user: String) -> String { userPrefix + user }

    /// The subject of a session's own meter.
    package static func subject(session: String) -> String { sessionPrefix + session }

    /// The user that it counts for alone.
    package var user: String? { subject(after: Self.userPrefix) }

    /// The session that it counts for alone.
    package var session: String? { subject(after: Self.sessionPrefix) }

    private static let userPrefix = "user:"
    private static let sessionPrefix = "session:"

    private func subject(after prefix: String) -> String? {
        subject.hasPrefix(prefix) ? String(subject.dropFirst(prefix.count)) : nil
    }
}

/// Something that is counted on a meter.
package protocol OnMeter {
    var key: MeterKey { get }
}

extension Sequence where Element: OnMeter {
    /// Whether a meter is what its feature is counted on, and no user's or session's share beside
    /// that: the ledger tells only of the former, which comes first.
    package func tells(_ key: MeterKey) -> Bool {
        first { $0.key.feature == key.feature }?.key == key
    }
}

extension String {
    /// The order of UTF-8 bytes, which no locale and no Unicode version changes.
    func precedes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
