/// A feature that is consumed: its holdings, those of the pool that it draws on, and which meters
/// must all have room for a unit of it.
package struct Counted {
    private let holdings: Holdings
    private let pool: Holdings?
    private let account: Account
    private let asker: Asker

    init(
        _ holdings: Holdings,
        _ account: Account,
        _ asker: Asker,
        _ configuration: Configuration,
        stops: Stops
    ) {
        self.holdings = holdings
        self.account = account
        self.asker = asker
        pool = holdings.feature.pool.flatMap { configuration.features[$0] }
            .map { Holdings(account, asker.session, configuration, $0, stops: stops) }
    }

    /// The meters that a unit is taken from, that of the feature itself first; or why it is closed
    /// whatever they hold.
    func lines(at instant: Instant) -> (entitled: Decision, lines: [MeterLine]) {
        var entitled = holdings.outcome(at: instant)
        guard entitled.allowed else { return (entitled, []) }
        var lines = holdings.lines(at: instant, account: account, asker: asker)
        guard let pool else { return (entitled, lines) }
        let open = pool.outcome(at: instant)
        guard open.allowed else {
            entitled.close(by: open.reason)
            return (entitled, [])
        }
        lines += pool.lines(
            at: instant,
            account: account,
            asker: asker,
            unitsEach: holdings.feature.cost
        )
        return (entitled, lines)
    }

    /// The answer at an instant, with the first instant at which it would be another; the lines of
    /// that instant where they are known.
    func decision(
        at: Instant,
        horizon: Instant,
        meters: [MeterKey: Meter],
        lines: (entitled: Decision, lines: [MeterLine])? = nil
    ) -> Decision {
        let answer = outcome(lines ?? self.lines(at: at), at: at, meters: meters)
        // Where a meter changes by itself, the answer surely does.
        let horizon = min(horizon, answer.boundary)
        var boundary = self.boundary(after: at)
        while boundary < horizon {
            let other = outcome(self.lines(at: boundary), at: boundary, meters: meters)
            if !other.decision.isAlike(answer.decision) {
                return answer.decision.valid(until: boundary)
            }
            boundary = self.boundary(after: boundary)
        }
        return answer.decision.valid(until: horizon)
    }

    private func boundary(after instant: Instant) -> Instant {
        min(holdings.boundary(after: instant), pool?.boundary(after: instant) ?? .never)
    }

    private func outcome(
        _ lines: (entitled: Decision, lines: [MeterLine]),
        at instant: Instant,
        meters: [MeterKey: Meter]
    ) -> (decision: Decision, boundary: Instant) {
        let (entitled, lines) = lines
        guard !lines.isEmpty else { return (entitled, .never) }
        let standings = lines.map { MeterStanding($0, meters[$0.key], at: instant) }
        var decision = entitled
        decision.fill(holdings.feature.kind, standings)
        return (decision, standings.map(\.reading.boundary).min() ?? .never)
    }
}

extension Holdings {
    /// What a unit takes of the feature's own meters.
    func lines(
        at instant: Instant,
        account: Account,
        asker: Asker,
        unitsEach: Int64 = 1
    ) -> [MeterLine] {
        terms(at: instant, account: account, asker: asker)
            .map { scope, terms in
                MeterLine(
                    key: MeterKey(
                        account: account.id,
                        subject: scope.subject,
                        feature: feature.id
                    ),
                    quantity: 1,
                    unitsEach: unitsEach,
                    terms: terms
                )
            }
    }
}

extension Decision {
    /// Puts in what the meters say, and closes what one of them has no room for.
    fileprivate mutating func fill(_ kind: Feature.Kind, _ standings: [MeterStanding]) {
        let own = standings[0].reading
        let full = standings.first { !$0.reading.room.fits($0.line.units) }
        limit = own.limit
        used = own.used
        count = Count(
            held: own.held,
            over: own.over,
            remaining: standings.map { $0.reading.remaining.divided(by: $0.line.unitsEach) }
                .reduce(own.remaining) { $0.least($1) },
            resetsAt: full?.reading.resetsAt ?? own.resetsAt,
            retryAt: full.flatMap { $0.meter.retryAt($0.line.units, under: $0.line.terms) },
            windowSeconds: standings[0].windowSeconds,
            drifts: standings[0].line.terms.drifts
        )
        if full != nil { close(by: kind.exhausted) }
    }

    mutating func close(by reason: Reason) {
        allowed = false
        self.reason = reason
    }

    /// What is open because somebody bought credits of it.
    init(_ feature: Feature, openBy credit: MeterTerms.Credit) {
        self.init(
            feature: feature.id,
            kind: feature.kind,
            allowed: true,
            reason: .credit,
            source: Source(kind: .credit, id: credit.id, version: nil)
        )
    }
}

extension Feature.Kind {
    /// The word for a count that is used up.
    var exhausted: Decision.Reason {
        switch self {
        case .rate: .rateLimited
        case .concurrency: .concurrencyReached
        case .boolean, .config, .metered, .level, .seats: .quotaExhausted
        }
    }
}

extension Quantity {
    fileprivate func divided(by units: Int64) -> Quantity {
        guard case .units(let amount) = self else { return self }
        return .units(amount / max(units, 1))
    }

    fileprivate func least(_ other: Quantity) -> Quantity {
        switch (self, other) {
        case (.unlimited, _): other
        case (_, .unlimited): self
        case (.units(let mine), .units(let others)): .units(min(mine, others))
        }
    }
}

/// One meter at the instant of a decision.
struct MeterStanding {
    let line: MeterLine
    let meter: Meter
    let reading: Meter.Reading

    init(_ line: MeterLine, _ meter: Meter?, at instant: Instant) {
        self.line = line
        self.meter = (meter ?? Meter(at: instant)).advanced(to: instant, under: line.terms).meter
        reading = self.meter.reading(under: line.terms)
    }

    var windowSeconds: Int64? {
        switch line.terms.counting {
        case .rate(let window, _), .sliding(let window): return window / 1_000_000
        case .concurrency: return nil
        case .quota:
            guard let start = meter.periodStart, let end = meter.periodEnd else { return nil }
            return end.microseconds.subtractingSaturated(start.microseconds) / 1_000_000
        }
    }
}

extension MeterTerms {
    /// Whether its figures change all the time, by time alone.
    fileprivate var drifts: Bool {
        switch counting {
        case .rate, .sliding: true
        case .quota, .concurrency: false
        }
    }
}
