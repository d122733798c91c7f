/// One feature, as somebody is about to take units of it.
///
/// Made from the state behind a barrier; what is left of it is another question, which only the
/// meters can answer that are locked or compared when it is taken.
///
/// An object: it is handed from queue to queue, and holds all that bears on the feature.
package final class Consumable: Sendable {
    package let feature: Feature
    /// The answer but for the meters: where it denies, there are no lines.
    package let entitled: Decision
    /// What a unit takes, and from which meters; the feature's own first.
    package let lines: [MeterLine]
    package let at: Instant
    private let counted: Counted?
    private let horizon: Instant

    /// A session that asks.
    package convenience init(
        _ feature: Feature,
        session: Session?,
        account: Account?,
        configuration: Configuration,
        at: Instant,
        clock: Instant
    ) {
        let stops = Stops(at: at, clock: clock)
        self.init(
            feature,
            Standing(session, account, stops),
            Asker(session: session, user: session?.user),
            configuration,
            stops
        )
    }

    /// An account's own service that asks, for one of its users or for none.
    package convenience init(
        _ feature: Feature,
        account: Account,
        user: String?,
        configuration: Configuration,
        at: Instant,
        clock: Instant
    ) {
        let stops = Stops(at: at, clock: clock)
        self.init(
            feature,
            Standing(account, stops, horizon: .never),
            Asker(session: nil, user: user),
            configuration,
            stops
        )
    }

    private init(
        _ feature: Feature,
        _ standing: Standing,
        _ asker: Asker,
        _ configuration: Configuration,
        _ stops: Stops
    ) {
        self.feature = feature
        at = stops.at
        switch standing {
        case .denied(let reason, let until):
            entitled = Decision(denied: feature, reason).valid(until: until)
            lines = []
            counted = nil
            horizon = until
        case .good(let account, let standing):
            let horizon = min(standing, feature.gating?.until ?? .never)
            let holdings = Holdings(account, asker.session, configuration, feature, stops: stops)
            let counted = Counted(holdings, account, asker, configuration, stops: stops)
            let (answer, lines) = counted.lines(at: stops.at)
            // Of what is closed the answer is whole without a meter, and says until when.
            entitled =
                answer.allowed
                ? answer
                : counted.decision(
                    at: stops.at,
                    horizon: horizon,
                    meters: [:],
                    lines: (answer, lines)
                )
            self.lines = lines
            self.counted = counted
            self.horizon = horizon
        }
    }

    /// What became of an attempt to take units.
    package enum Attempt: Sendable {
        case taken
        /// So many of it.
        case refused(Int64)
        case none
    }

    /// The answer with the meters as they stand.
    ///
    /// What was taken just now is allowed, though there may be none left for the next one; what was
    /// refused is not, though less of it might fit.
    package func decision(_ meters: [MeterKey: Meter], _ attempt: Attempt) -> Decision {
        guard let counted, !lines.isEmpty else { return entitled }
        var asked = lines
        if case .refused(let quantity) = attempt { asked = lines.map { $0.asking(for: quantity) } }
        var decision = counted.decision(
            at: at,
            horizon: horizon,
            meters: meters,
            lines: (entitled, asked)
        )
        switch attempt {
        case .taken:
            decision.allowed = true
            decision.reason = entitled.reason
        case .refused: decision.close(by: feature.kind.exhausted)
        case .none: break
        }
        return decision
    }
}

extension Feature {
    /// Every meter that a decision about it may read, whatever the holdings turn out to be.
    package func meterKeys(
        account: String,
        session: Session?,
        user: String? = nil,
        configuration: Configuration
    ) -> [MeterKey] {
        guard kind.isConsumed else { return [] }
        var keys = ownMeterKeys(account, session, user, configuration)
        if let pool, let feature = configuration.features[pool] {
            keys += feature.ownMeterKeys(account, session, user, configuration)
        }
        return keys
    }

    private func ownMeterKeys(
        _ account: String,
        _ session: Session?,
        _ user: String?,
        _ configuration: Configuration
    ) -> [MeterKey] {
        func key(_ scope: Holdings.Scope) -> MeterKey {
            MeterKey(account: account, subject: scope.subject, feature: id)
        }
        var keys = [key(.account)]
        let grants = (session?.grants ?? []).filter { $0.feature == id }
        if let user = session?.user ?? user,
            configuration.limitedByUser.contains(id) || grants.contains(where: { $0.user != nil })
        {
            keys.append(key(.user(user)))
        }
        if let session,
            configuration.limitedBySession.contains(id)
                || grants.contains(where: { $0.session != nil })
        {
            keys.append(key(.session(session.id)))
        }
        return keys
    }
}
