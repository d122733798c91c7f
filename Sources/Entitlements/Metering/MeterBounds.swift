/// The bounds of metering, each with its reason; they are the core's own, which depends on nothing.
package enum MeterBounds {
    /// How far clocks may differ before an earlier instant means that the clock was set back.
    package static let skew: Duration = .seconds(300)
    /// How late an event may be told and still count in the period of its own time.
    package static let lateEvent: Duration = .seconds(86_400)
    /// Reservations or leases of one meter at once: each is some 80 bytes in each write of it.
    package static let holds = 1_000
    /// Boundaries that are looked at to say when a denied call would pass.
    package static let lookahead = 32
    /// Add-ons that ended and whose usage is still remembered, so that taking the same one up
    /// again within its period does not fill it.
    package static let orphans = 64
}
