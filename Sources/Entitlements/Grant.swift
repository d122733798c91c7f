/// An explicit allow or deny: for an account, one of its users or one session, in a window of time.
package struct Grant: Sendable, Hashable {
    package enum Effect: String, Sendable, CaseIterable { case allow, deny }

    /// What an allow does to what subscriptions give.
    package enum Mode: String, Sendable, CaseIterable {
        /// It is the answer, whatever they give.
        case replace
        /// It joins them, by the feature's `combine`.
        case stack
    }

    package let id: String
    package let feature: String
    package let effect: Effect
    package let mode: Mode
    /// Of a `config` feature; nil, or true, of a `boolean` one.
    package let value: JSON?
    /// Of a counted feature.
    package let limit: Quantity?
    /// The one user it is for; nil when it is for all, or for a session.
    package let user: String?
    /// The one session it is for.
    package let session: String?
    package let from: Instant
    /// When it ends by itself, or was ended; at `from` or before, it never was in force.
    package let until: Instant?
    package let createdAt: Instant

    package init(
        id: String,
        feature: String,
        effect: Effect,
        mode: Mode = .replace,
        value: JSON? = nil,
        limit: Quantity? = nil,
        user: String? = nil,
        session: String? = nil,
        from: Instant,
        until: Instant? = nil,
        createdAt: Instant
    ) {
        self.id = id
        self.feature = feature
        self.effect = effect
        self.mode = mode
        self.value = value
        self.limit = limit
        self.user = user
        self.session = session
        self.from = from
        self.until = until
        self.createdAt = createdAt
    }

    /// Where a grant is in its life at an instant.
    package enum State: String, Sendable, CaseIterable {
        case waiting
        case inForce = "in_force"
        case ended
    }

    package func state(at instant: Instant) -> State {
        let end = until ?? .never
        if end <= instant || end <= from { return .ended }
        return instant < from ? .waiting : .inForce
    }

    var isForAll: Bool { user == nil && session == nil }

    var hasSpan: Bool { from < until ?? .never }

    func isInForce(at instant: Instant) -> Bool {
        from <= instant && instant < until ?? .never
    }

    /// The next instant after one at which it begins or ends.
    func boundary(after instant: Instant) -> Instant {
        guard let until else { return from > instant ? from : .never }
        guard from < until, until > instant else { return .never }
        return from > instant ? from : until
    }

    /// The narrower comes first, then the newer: the one that an operator reached for last.
    fileprivate func outranks(_ other: Grant) -> Bool {
        if breadth != other.breadth { return breadth < other.breadth }
        if createdAt != other.createdAt { return createdAt > other.createdAt }
        return id < other.id
    }

    func isOlder(than other: Grant) -> Bool {
        (createdAt, id) < (other.createdAt, other.id)
    }

    private var breadth: Int {
        session != nil ? 0 : user != nil ? 1 : 2
    }
}

extension [Grant] {
    var inRank: [Grant] {
        count < 2 ? self : sorted { $0.outranks($1) }
    }
}

extension Grant {
    var source: Decision.Source { Decision.Source(kind: .grant, id: id, version: nil) }
}
