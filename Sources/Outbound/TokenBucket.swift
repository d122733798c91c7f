/// Spaces calls to a rate, with a small burst.
///
/// A value: time comes in.
struct TokenBucket: Sendable {
    private let perCall: Duration
    private let slack: Duration
    /// When the bucket would be full again; in the future by one `perCall` for each call lent.
    private var fullAt: ContinuousClock.Instant?

    /// - Parameters:
    ///   - rate: Calls a second in the long run.
    ///   - burst: Calls that may go at once after a rest.
    init(rate: Int, burst: Int) {
        precondition(rate > 0 && burst > 0, "a rate of zero would never let a call go")
        perCall = .seconds(1) / rate
        slack = perCall * burst
    }

    /// Takes a turn: how long to wait for it, or, beyond `most`, how long it would have been.
    mutating func reserve(at now: ContinuousClock.Instant, most: Duration) -> Turn {
        let start = max(fullAt ?? now, now)
        let wait = max(start + perCall - now - slack, .zero)
        guard wait <= most else { return .tooLong(wait) }
        fullAt = start + perCall
        return .after(wait)
    }

    /// Gives a turn back that was not used.
    mutating func giveBack() {
        fullAt = fullAt.map { $0 - perCall }
    }

    enum Turn: Sendable, Equatable {
        case after(Duration)
        case tooLong(Duration)
    }
}
