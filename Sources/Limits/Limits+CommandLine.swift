/// Bounds of the command line alone.
extension Limits {
    /// Events that the command line sends in one call: as many as the service takes in one.
    package static let eventsSent = 1_000
    /// Rejected events that are told one by one, or one mistake in all of a million would scroll
    /// everything else away.
    package static let rejectionsTold = 100
    /// Tries of one batch of events that the service is too busy for.
    package static let eventTries = 6
    /// Waits between those tries, where the service names none: first, and the most.
    package static let eventRetry = (first: Duration.seconds(1), most: Duration.seconds(15))
    /// Bytes of an input that are read at once.
    package static let inputBytes = 64 << 10
    /// Width of a chart that is not drawn on a terminal, or on one that does not know its own.
    package static let chartColumns = 80
}
