import Entitlements
import Store

/// One act on meters, on its way to its effects: what changed, what the ledger says of it, and what
/// others are to be told.
struct MeterAct {
    private struct Touched {
        let key: MeterKey
        let terms: MeterTerms
        let before: Meter.Reading
    }

    let at: Instant
    /// The meters that were touched, as the act leaves them.
    private(set) var meters: [MeterKey: Meter] = [:]
    /// Each of them once; a list, since there are one to four.
    private var touched: [Touched] = []
    private(set) var effects = MeterEffects()

    /// Brings the meters of some lines to the instant of the act.
    init(_ lines: [MeterLine], in known: MeterKnown, at: Instant) {
        self.at = at
        for line in lines where !touched.contains(where: { $0.key == line.key }) {
            let key = line.key
            let stored = known.meters[key] ?? Meter(at: at)
            let advance = stored.advanced(to: at, under: line.terms)
            meters[key] = advance.meter
            let reading = advance.meter.reading(under: line.terms)
            touched.append(Touched(key: key, terms: line.terms, before: reading))
            if let reset = advance.reset { note(reset, of: key) }
            for hold in advance.lapsed { note(hold, of: key) }
        }
    }

    /// Changes the meters; what is changed is written, what time alone changed as well.
    mutating func change<Answer>(_ body: (inout [MeterKey: Meter]) -> Answer) -> Answer {
        body(&meters)
    }

    /// Adds a line to the ledger.
    mutating func add(_ entry: MeterEntry) {
        effects.entries.append(entry)
    }

    /// What is to be told though nothing was done.
    ///
    /// That a limit was lowered to what is used, or a credit ran out: told once, by whoever is
    /// refused first.
    func refused() -> MeterEffects {
        var effects = MeterEffects()
        for item in touched {
            guard var meter = meters[item.key] else { continue }
            let notices = notices(of: item, meter)
            guard !notices.isEmpty else { continue }
            meter.see(item.terms)
            effects.meters[item.key] = meter
            effects.notices += notices
        }
        return effects
    }

    /// All of it, once something was done.
    func done() -> MeterEffects {
        var effects = effects
        effects.meters = meters
        for item in touched {
            guard let meter = meters[item.key] else { continue }
            effects.notices += notices(of: item, meter)
        }
        return effects
    }

    private func notices(of item: Touched, _ meter: Meter) -> [QuotaNotice] {
        let crossings = meter.crossings(since: item.before, under: item.terms)
        guard !crossings.isEmpty else { return [] }
        let reading = meter.reading(under: item.terms)
        return crossings.map { QuotaNotice($0, of: item.key, reading, meter.period, at: at) }
    }

    private mutating func note(_ reset: Meter.Reset, of key: MeterKey) {
        let body: JSON = [
            "used": .integer(reset.used), "period": reset.period.json,
        ]
        effects.notices.append(QuotaNotice(key: key, kind: .reset, at: at, body: body))
    }

    /// What was held is free again: reservations and leases that nobody ended.
    private mutating func note(_ hold: Meter.Hold, of key: MeterKey) {
        var entry = MeterEntry(
            key: key,
            kind: .lapse,
            at: hold.until,
            units: 0,
            held: -hold.units,
            parts: hold.parts.isEmpty ? nil : hold.parts,
            reference: hold.id
        )
        entry.requests = 0
        effects.entries.append(entry)
    }
}

extension QuotaNotice {
    fileprivate init(
        _ crossing: Meter.Crossing,
        of key: MeterKey,
        _ reading: Meter.Reading,
        _ period: Period?,
        at: Instant
    ) {
        var body: [String: JSON] = [
            "used": .integer(reading.used), "limit": JSON(reading.limit),
            "resets_at": JSON(reading.resetsAt), "period": period?.json ?? .null,
        ]
        switch crossing {
        case .threshold(let alert, _):
            body["threshold"] = alert.json
            self.init(key: key, kind: .threshold, at: at, body: .object(body))
        case .exhausted:
            self.init(key: key, kind: .exhausted, at: at, body: .object(body))
        }
    }
}

extension MeterTerms.Alert {
    /// As a plan writes it: a number is a percentage.
    fileprivate var json: JSON {
        switch self {
        case .percent(let percent): .integer(percent)
        case .units(let units): ["units": .integer(units)]
        }
    }
}

extension Meter {
    /// The base's period, or the window that runs; nil where nothing resets.
    var period: Period? {
        guard let periodStart, let periodEnd else { return nil }
        return Period(start: periodStart, end: periodEnd)
    }
}

extension Period {
    fileprivate var json: JSON { ["start": JSON(start), "end": JSON(end)] }
}
