import Limits

/// Keeps calls away from an endpoint that fails, and asks it now and then whether it still does.
///
/// ```
///            5 in a row, half of 20, or one rejection
///   closed ───────────────────────────────────────────▶ open, for 30 s
///     ▲                                                  │      ▲
///     │ the probe succeeds            the time has passed │      │ the probe fails:
///     │                                                  ▼      │ twice as long, to 5 min
///     └────────────────────────────────────────────── half open ┘
/// ```
///
/// A value: time comes in, decisions go out. Results of calls that began before it opened come in
/// late and change nothing.
package struct Breaker: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Admission: Sendable, Equatable {
        /// Make the call, and record how it ended.
        case go
        /// Make none; ask again after this long.
        case wait(Duration)
    }

    package enum Outcome: Sendable, Equatable {
        /// The endpoint answered, whatever it said about the one object.
        case success
        /// No answer, or a 5xx.
        case failure
        /// It refuses our credentials (401, 403): more calls would fail alike, and look like an attack.
        case rejected
        /// The call ended without a word about the endpoint: cancelled, or never sent.
        case abandoned
    }

    package enum Condition: String, Sendable, CaseIterable {
        case closed, open, halfOpen = "half_open"
    }

    private enum State {
        case closed
        case open(until: Instant, lasting: Duration)
        case halfOpen(forgottenAt: Instant, lasting: Duration)
    }

    private var state = State.closed
    private var consecutive = 0
    private var recent = Window()
    private var heldUntil: Instant?

    package init() {}

    package var condition: Condition {
        switch state {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// Decides on one call.
    ///
    /// A `.go` may be the probe, so its outcome must be recorded.
    package mutating func admit(at now: Instant) -> Admission {
        if let heldUntil {
            guard heldUntil <= now else { return .wait(heldUntil - now) }
            self.heldUntil = nil
        }
        switch state {
        case .closed:
            return .go
        case .open(let due, let lasting), .halfOpen(let due, let lasting):
            guard due <= now else { return .wait(due - now) }
            state = .halfOpen(forgottenAt: now + Limits.breakerProbe, lasting: lasting)
            return .go
        }
    }

    package mutating func record(_ outcome: Outcome, at now: Instant) {
        switch state {
        case .closed: count(outcome, at: now)
        case .open: break
        case .halfOpen(_, let lasting): conclude(outcome, lasting: lasting, at: now)
        }
    }

    /// Lets no call through before this instant, as the endpoint itself asked with `Retry-After`.
    package mutating func hold(until instant: Instant) {
        heldUntil = max(heldUntil ?? instant, instant)
    }

    private mutating func count(_ outcome: Outcome, at now: Instant) {
        switch outcome {
        case .abandoned:
            return
        case .rejected:
            return open(for: Limits.breakerOpen.first, at: now)
        case .success:
            consecutive = 0
            recent.append(failed: false)
        case .failure:
            consecutive += 1
            recent.append(failed: true)
        }
        if consecutive >= Limits.breakerFailures.consecutive || recent.isHalfFailed {
            open(for: Limits.breakerOpen.first, at: now)
        }
    }

    private mutating func conclude(_ outcome: Outcome, lasting: Duration, at now: Instant) {
        switch outcome {
        case .success: state = .closed
        case .failure, .rejected: open(for: min(lasting * 2, Limits.breakerOpen.most), at: now)
        // Nothing was learnt: the next call is the probe.
        case .abandoned: state = .open(until: now, lasting: lasting)
        }
    }

    private mutating func open(for lasting: Duration, at now: Instant) {
        state = .open(until: now + lasting, lasting: lasting)
        consecutive = 0
        recent = Window()
    }
}

/// How the last calls ended, one bit each.
private struct Window {
    private var bits: UInt64 = 0
    private var count = 0

    mutating func append(failed: Bool) {
        let size = Limits.breakerFailures.window
        bits = (bits << 1 | (failed ? 1 : 0)) & (UInt64.max >> (UInt64.bitWidth - size))
        count = min(count + 1, size)
    }

    /// Only a full window says anything: one failure of two calls is no trend.
    var isHalfFailed: Bool {
        count == Limits.breakerFailures.window && bits.nonzeroBitCount * 2 >= count
    }
}
