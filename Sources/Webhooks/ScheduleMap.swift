import Entitlements

/// Where a subscription has its schedule, and where that keeps what we need of it.
///
/// Which phase runs is the provider's word, not our clock's: its own clock may be a test clock.
struct ScheduleMap: Sendable, Hashable {
    /// What one phase consists of.
    struct Phase: Sendable, Hashable {
        let startsAt: Pointers
        let endsAt: Pointers?
        let items: String
        let prices: Pointers
        let quantity: Pointers?
    }

    /// Where the subscription has it: as an id, or as the schedule itself.
    let at: String
    /// Where the schedule names the subscription that it is of.
    let subscription: Pointers?
    /// When the running phase ends; where there is nothing, nothing is ahead.
    let currentEnd: Pointers
    let phases: String
    let phase: Phase
    /// What says that the subscription ends with the last phase.
    let cancels: Condition?

    /// The id of a schedule that is named and not there itself.
    func name(in subscription: JSON) -> String? {
        subscription.at(pointer: at)?.string
    }
}
