/// Whether a feature is open to a session at an instant, and why: the one rule of the house.
///
/// Pure: the same state and instant give the same decision, so a check, a batch, a listing and a
/// look into the past agree by construction. First match wins (DESIGN.md §5). `validUntil` is
/// exact: the first instant at which this function, asked again about the same state, would answer
/// otherwise; nil where it never would.
///
/// - Parameters:
///   - session: The session asked about; nil where there is none of that id.
///   - account: The session's account; nil where it is gone.
///   - configuration: Catalog and switches.
///   - feature: The feature asked about, out of `configuration`.
///   - at: The instant asked about: the account's time.
///   - clock: The database's time, where a test clock makes the account's another; see `Stops`.
///   - meters: What was consumed; a meter that is not in it stands at nothing.
/// - Returns: The decision, with its reason and how long it holds.
package func decide(
    session: Session?,
    account: Account?,
    configuration: Configuration,
    feature: Feature,
    at: Instant,
    clock: Instant? = nil,
    meters: [MeterKey: Meter] = [:]
) -> Decision {
    let stops = Stops(at: at, clock: clock ?? at)
    let standing = Standing(session, account, stops)
    let asker = Asker(session: session, user: session?.user)
    return decide(standing, account, asker, configuration, feature, stops, meters)
}

/// Whether a feature is open to an account, whoever asks: the same rule from the account on, with
/// the grants for all of its users and without a seat to have.
///
/// A user may be named all the same: then what the plan limits by user counts.
package func decide(
    account: Account,
    user: String? = nil,
    configuration: Configuration,
    feature: Feature,
    at: Instant,
    clock: Instant? = nil,
    meters: [MeterKey: Meter] = [:]
) -> Decision {
    let stops = Stops(at: at, clock: clock ?? at)
    let standing = Standing(account, stops, horizon: .never)
    let asker = Asker(session: nil, user: user)
    return decide(standing, account, asker, configuration, feature, stops, meters)
}

/// One decision for each feature of the catalog, in the order of their ids.
package func decideAll(
    session: Session?,
    account: Account?,
    configuration: Configuration,
    at: Instant,
    clock: Instant? = nil,
    meters: [MeterKey: Meter] = [:]
) -> [Decision] {
    configuration.features.values.sorted { $0.id < $1.id }
        .map { feature in
            decide(
                session: session,
                account: account,
                configuration: configuration,
                feature: feature,
                at: at,
                clock: clock,
                meters: meters
            )
        }
}

/// The steps from a good standing on.
private func decide(
    _ standing: Standing,
    _ account: Account?,
    _ asker: Asker,
    _ configuration: Configuration,
    _ feature: Feature,
    _ stops: Stops,
    _ meters: [MeterKey: Meter]
) -> Decision {
    switch standing {
    case .denied(let reason, let until):
        return Decision(denied: feature, reason, used: account?.used(of: feature))
            .valid(until: until)
    case .good(let account, let horizon):
        let horizon = min(horizon, feature.gating?.until ?? .never)
        let holdings = Holdings(account, asker.session, configuration, feature, stops: stops)
        guard feature.kind.isConsumed else {
            return holdings.decision(at: stops.at, horizon: horizon)
        }
        return Counted(holdings, account, asker, configuration, stops: stops)
            .decision(at: stops.at, horizon: horizon, meters: meters)
    }
}

/// When what takes access away counts from.
///
/// A test clock may stand before the instant at which somebody really revoked, blocked or denied;
/// that must be in force all the same. So a stop that lies in the database's past is in force, and
/// one ahead waits for the account's time. Without a test clock the two are the same.
struct Stops {
    let at: Instant
    let clock: Instant

    func beginning(_ instant: Instant?) -> Instant {
        guard let instant else { return .never }
        return instant <= clock ? min(instant, at) : instant
    }
}

extension Account {
    /// How much of a feature is in use: nil where nothing is counted, and nothing yet of what is
    /// consumed.
    package func used(of feature: Feature) -> Int64? {
        switch feature.kind {
        case .boolean, .config: nil
        case .metered, .rate, .concurrency: 0
        case .level: levels[feature.id] ?? 0
        case .seats: seats[feature.id] ?? 0
        }
    }

    /// The span of its block; empty where there is none.
    func block(_ stops: Stops) -> Range<Instant> {
        let from = stops.beginning(blockedSince)
        return from..<max(from, blockedUntil ?? .never)
    }
}

extension Holdings {
    /// The answer at an instant, with the first instant at which it would be another.
    ///
    /// At the horizon an earlier step takes over, so the answer surely changes there. Before it,
    /// each boundary is tried in order until the answer differs: a few a subscription and two a
    /// grant, and mostly none, since sessions end sooner than billing periods.
    func decision(at: Instant, horizon: Instant) -> Decision {
        let answer = outcome(at: at)
        var boundary = boundary(after: at)
        while boundary < horizon {
            if outcome(at: boundary) != answer { return answer.valid(until: boundary) }
            boundary = self.boundary(after: boundary)
        }
        return answer.valid(until: horizon)
    }
}

extension Decision {
    init(
        denied feature: Feature,
        _ reason: Reason,
        source: Source? = nil,
        used: Int64? = nil
    ) {
        self.init(
            feature: feature.id,
            kind: feature.kind,
            allowed: false,
            reason: reason,
            source: source,
            used: used
        )
    }

    /// What is open, or closed by its count alone.
    init(
        _ feature: Feature,
        isAllowed: Bool,
        _ reason: Reason,
        _ amount: Offer.Amount,
        _ source: Source?,
        used: Int64?
    ) {
        let (value, limit): (JSON?, Quantity?) =
            switch amount {
            case .flag(let isOpen): (.bool(isOpen), nil)
            case .value(let value): (value, nil)
            case .units(let units): (nil, .units(units))
            case .unlimited: (nil, .unlimited)
            }
        self.init(
            feature: feature.id,
            kind: feature.kind,
            allowed: isAllowed,
            reason: reason,
            source: source,
            value: value,
            limit: limit,
            used: used
        )
    }

    func valid(until: Instant) -> Decision {
        var decision = self
        decision.validUntil = until == .never ? nil : until
        return decision
    }
}
