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
///   - at: The instant asked about.
/// - Returns: The decision, with its reason and how long it holds.
package func decide(
    session: Session?,
    account: Account?,
    configuration: Configuration,
    feature: Feature,
    at: Instant
) -> Decision {
    guard let session else { return Decision(denied: feature, .sessionUnknown, until: .never) }
    let revokedAt = session.revokedAt ?? .never
    if revokedAt <= at { return Decision(denied: feature, .sessionRevoked, until: .never) }
    guard at < session.expiresAt else {
        return Decision(denied: feature, .sessionExpired, until: revokedAt)
    }
    let horizon = min(session.expiresAt, revokedAt)
    guard let account, account.id == session.account else {
        return Decision(denied: feature, .sessionUnknown, until: horizon)
    }
    return decide(account, configuration, feature, at: at, horizon: horizon)
}

/// Whether a feature is open to an account, whoever asks: the same rule from the account on.
package func decide(
    account: Account,
    configuration: Configuration,
    feature: Feature,
    at: Instant
) -> Decision {
    decide(account, configuration, feature, at: at, horizon: .never)
}

/// One decision for each feature of the catalog, in the order of their ids.
package func decideAll(
    session: Session?,
    account: Account?,
    configuration: Configuration,
    at: Instant
) -> [Decision] {
    configuration.features.values.sorted { $0.id < $1.id }
        .map { feature in
            decide(
                session: session,
                account: account,
                configuration: configuration,
                feature: feature,
                at: at
            )
        }
}

/// The steps from the account on.
///
/// Grants take their places in this order: a deny grant beside the
/// block (step 2), an allow grant between the feature's switch and the subscriptions (step 5); the
/// instant at which one begins or ends lowers `horizon` as the other instants here do.
private func decide(
    _ account: Account,
    _ configuration: Configuration,
    _ feature: Feature,
    at: Instant,
    horizon: Instant
) -> Decision {
    var horizon = horizon
    let blockedSince = account.blockedSince ?? .never
    if blockedSince <= at { return Decision(denied: feature, .accountBlocked, until: horizon) }
    horizon = min(horizon, blockedSince)
    let disabledSince = feature.disabledSince ?? .never
    if disabledSince <= at { return Decision(denied: feature, .featureDisabled, until: horizon) }
    horizon = min(horizon, disabledSince)
    return Holdings(account, configuration, feature).decision(at: at, horizon: horizon)
}

extension Holdings {
    /// The answer at an instant, with the first instant at which it would be another.
    ///
    /// At the horizon an earlier step takes over, so the answer surely changes there. Before it,
    /// each boundary is tried in order until the answer differs: at most three a subscription, and
    /// mostly none, since sessions end sooner than billing periods.
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
    init(denied feature: Feature, _ reason: Reason, until: Instant) {
        self.init(
            feature: feature.id,
            kind: feature.kind,
            allowed: false,
            reason: reason,
            validUntil: until == .never ? nil : until
        )
    }

    init(allowed feature: Feature, _ amount: Offer.Amount, _ reason: Reason, _ source: Source?) {
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
            allowed: true,
            reason: reason,
            source: source,
            value: value,
            limit: limit
        )
    }

    fileprivate func valid(until: Instant) -> Decision {
        Decision(
            feature: feature,
            kind: kind,
            allowed: allowed,
            reason: reason,
            source: source,
            value: value,
            limit: limit,
            validUntil: until == .never ? nil : until
        )
    }
}
