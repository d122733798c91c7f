/// The meters of one feature for somebody, whether or not it is open to them.
///
/// For what happened already and counts in any case, and for whoever asks how much is left. What is
/// not entitled has meters all the same: under the terms of what there is, which may be nothing.
package struct Tally: Sendable {
    package let feature: Feature
    /// What a unit takes, and from which meters: the feature's own first, then those of its pool.
    package let lines: [MeterLine]
    package let at: Instant

    /// Counts for a session, which may have ended since, or for a user where no session is named;
    /// `clock` is the time that stops go by, also where a test clock stands.
    package init(
        _ feature: Feature,
        account: Account,
        session: Session? = nil,
        user: String? = nil,
        configuration: Configuration,
        at: Instant,
        clock: Instant
    ) {
        let asker = Asker(session: session, user: session?.user ?? user)
        let stops = Stops(at: at, clock: clock)
        func lines(of feature: Feature, unitsEach: Int64) -> [MeterLine] {
            Holdings(account, session, configuration, feature, stops: stops)
                .lines(at: at, account: account, asker: asker, unitsEach: unitsEach)
        }
        let pool = feature.pool.flatMap { configuration.features[$0] }
        self.feature = feature
        self.at = at
        self.lines =
            lines(of: feature, unitsEach: 1)
            + (pool.map { lines(of: $0, unitsEach: feature.cost) } ?? [])
    }

    /// The lines of the feature itself.
    package var own: [MeterLine] { lines.filter { $0.key.feature == feature.id } }
}
