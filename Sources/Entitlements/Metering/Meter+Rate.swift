/// A rate as GCRA has it, exactly: time in parts of a microsecond of which `limit` make one, so
/// that an emission interval is a whole number whatever the limit.
struct Rate {
    /// Units in a window; nil is unlimited.
    let limit: Int64?
    let window: Int64
    let burst: Int64
    /// Now, and when all that was taken will have come back, in parts.
    let now: Int128
    private(set) var arrival: Int128

    init(_ meter: Meter, window: Int64, burst: Int64, under terms: MeterTerms) {
        self.window = max(window, 1)
        self.burst = max(burst, 0)
        guard case .units(let limit) = terms.total else {
            (self.limit, now, arrival) = (nil, 0, 0)
            return
        }
        self.limit = limit
        let scale = Int128(max(limit, 1))
        now = Int128(meter.at.microseconds) * scale
        guard let last = meter.periodEnd else {
            arrival = now
            return
        }
        // Another limit than the last has parts of another size; what is between is rounded up.
        let seen = Int128(max(meter.seenLimit ?? 1, 1))
        let part = (Int128(meter.previous) * scale + seen - 1) / seen
        arrival = max(now, Int128(last.microseconds) * scale + part)
    }

    /// How late arrivals may be early: `burst` emissions.
    private var tolerance: Int128 { Int128(window) * Int128(burst) }

    /// How many units fit now.
    var room: Quantity {
        guard let limit else { return .unlimited }
        guard limit > 0 else { return .units(0) }
        return .units(Int64(clamping: max(0, (tolerance - (arrival - now)) / Int128(window))))
    }

    /// When so many units fit; nil is never.
    func fits(_ units: Int64) -> Instant? {
        guard let limit else { return Instant(microseconds: Int64(clamping: now)) }
        guard limit > 0, units <= burst else { return nil }
        let scale = Int128(limit)
        let earliest = arrival + Int128(units) * Int128(window) - tolerance
        return Instant(microseconds: Int64(clamping: max(now, earliest).dividedUp(by: scale)))
    }

    /// Moves the arrival by so many units, and says where it is.
    mutating func emit(_ units: Int64) {
        guard limit != nil else { return }
        arrival = max(now, arrival + Int128(units) * Int128(window))
    }

    /// Writes the arrival into a meter.
    func write(into meter: inout Meter) {
        guard let limit else {
            (meter.periodEnd, meter.previous, meter.seenLimit) = (nil, 0, .max)
            return
        }
        let scale = Int128(max(limit, 1))
        let whole = arrival.dividedDown(by: scale)
        // No later than a date can be written: a burst of many times the limit comes to that.
        let latest = Int128(Instant.latestWritten.microseconds)
        meter.periodEnd = Instant(microseconds: Int64(clamping: min(whole, latest)))
        meter.previous = Int64(clamping: arrival - whole * scale)
        meter.seenLimit = max(limit, 1)
    }

    /// When everything has come back; nil where it has.
    var resetsAt: Instant? {
        guard let limit, arrival > now else { return nil }
        let up = arrival.dividedUp(by: Int128(max(limit, 1)))
        return Instant(microseconds: Int64(clamping: up))
    }
}

extension Meter {
    func rateReading(_ rate: Rate) -> Reading {
        let room = rate.room
        let isOpen = room.fits(1)
        return Reading(
            limit: rate.limit.map(Quantity.units) ?? .unlimited,
            used: room == .unlimited ? 0 : max(0, rate.burst.subtractingSaturated(room.units)),
            held: 0,
            over: 0,
            remaining: room,
            room: room,
            resetsAt: rate.resetsAt,
            boundary: isOpen ? .never : rate.fits(1) ?? .never,
            seenLimit: seenLimit
        )
    }
}

extension Int128 {
    /// Towards the past.
    func dividedDown(by divisor: Int128) -> Int128 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// Towards the future.
    func dividedUp(by divisor: Int128) -> Int128 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest > 0 ? quotient + 1 : quotient
    }
}
