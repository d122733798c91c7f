import NIOCore

/// When a connection has waited long enough for its client.
///
/// Waiting for our own answers is never the client's fault, so it is not timed here.
struct Deadlines {
    private let whole: TimeAmount
    private let idle: TimeAmount
    private var idleSince: NIODeadline
    private var partSince: NIODeadline?
    private var blockedSince: NIODeadline?
    private var closingSince: NIODeadline?

    init(configuration: FrontConfiguration, now: NIODeadline) {
        whole = TimeAmount(configuration.wholeRequest)
        idle = TimeAmount(configuration.idleConnection)
        idleSince = now
    }

    /// Everything was answered.
    mutating func becameIdle(now: NIODeadline) { idleSince = now }

    /// A request is there in part; later parts do not put off its end.
    mutating func partRead(now: NIODeadline) { partSince = partSince ?? now }

    /// The request is complete, or no longer ours.
    mutating func wholeRead() { partSince = nil }

    /// The client takes what it is sent, or does not.
    mutating func writable(_ isWritable: Bool, now: NIODeadline) {
        blockedSince = isWritable ? nil : blockedSince ?? now
    }

    /// Nothing but writing is left.
    mutating func closing(now: NIODeadline) { closingSince = now }

    /// When to close; nil while nothing is expected of the client.
    func next(isIdle: Bool, isReading: Bool) -> NIODeadline? {
        var next: NIODeadline?
        for since in [isReading ? partSince : nil, blockedSince, closingSince] {
            guard let since else { continue }
            next = min(next ?? .distantFuture, since + whole)
        }
        return isIdle ? min(next ?? .distantFuture, idleSince + idle) : next
    }
}
