package import Entitlements

/// What time alone changes.
extension FlagSet {
    /// The next instant after another at which a flag may answer differently by itself.
    ///
    /// Nil for never. A rule that reads `$flagd.timestamp` may do so at any second, and has the
    /// next second as its boundary.
    package func boundary(of key: String, after instant: Instant) -> Instant? {
        boundary(of: key, after: instant, behind: [])
    }

    private func boundary(
        of key: String,
        after instant: Instant,
        behind path: Set<String>
    ) -> Instant? {
        guard let flag = flags[key], flag.definition.isEnabled, !killed.contains(key),
            !path.contains(key)
        else { return nil }
        let usher = flag.definition.usher
        var next = flag.instants.first { $0 > instant }
        func consider(_ other: Instant?) {
            guard let other, other > instant else { return }
            next = next.map { min($0, other) } ?? other
        }
        for window in usher.schedule {
            consider(window.from)
            consider(window.to)
        }
        for season in usher.seasons { consider(season.boundary(after: instant)) }
        consider(usher.rollout?.steps.first { $0.at > instant }?.at)
        if flag.readsClock { consider(instant.nextSecond) }
        for prerequisite in usher.prerequisites {
            consider(boundary(of: prerequisite.flag, after: instant, behind: path.union([key])))
        }
        return next
    }
}

extension Instant {
    fileprivate var nextSecond: Instant {
        let rest = microseconds % 1_000_000
        return self + .microseconds(1_000_000 - (rest < 0 ? rest + 1_000_000 : rest))
    }
}

/// Why a flag looks as if it were forgotten.
package enum Staleness: Sendable, Hashable {
    /// Past the day that its owner set.
    case expired(since: Instant)
    /// Everybody has had the same answer since then.
    case oneSided(since: Instant)
}

extension FlagDefinition {
    /// Whether a flag looks forgotten at an instant; never a permanent one.
    ///
    /// The window is how long a rollout has to have gone to everybody, or to nobody.
    package func staleness(at instant: Instant, window: Duration) -> Staleness? {
        guard !usher.isPermanent else { return nil }
        if let expires = usher.expires, instant >= expires { return .expired(since: expires) }
        guard targeting == nil, let rollout = usher.rollout,
            let index = rollout.step(at: instant), index == rollout.steps.count - 1
        else { return nil }
        let step = rollout.steps[index]
        let isOneSided = step.share == 0 || step.share == Rollout.whole
        return isOneSided && step.at + window <= instant ? .oneSided(since: step.at) : nil
    }
}
