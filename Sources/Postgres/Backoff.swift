import Limits

/// Waits that double up to a bound, each shortened at random so that many do not come back at once.
struct Backoff: Sendable {
    private let first: Duration
    private let most: Duration
    private(set) var failures = 0

    init(first: Duration, most: Duration) {
        self.first = first
        self.most = most
    }

    /// Between attempts to reach a server.
    static var reconnect: Backoff {
        Backoff(first: Limits.reconnect.first, most: Limits.reconnect.most)
    }

    /// Between tries of a transaction that lost against another.
    static var transaction: Backoff {
        Backoff(first: Limits.transactionRetry.first, most: Limits.transactionRetry.most)
    }

    /// Counts a failure; how long to wait after it: a half to the whole of the doubled time.
    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(failures, 20)
        failures += 1
        return min(most, first * (1 << doublings)) * Double.random(in: 0.5...1, using: &generator)
    }

    mutating func reset() {
        failures = 0
    }
}
