/// The instant at which waiting for a server ends.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(after duration: Duration) {
        end = .now + duration
    }

    /// For `poll(2)`, rounded up; zero when it is over.
    var remainingMilliseconds: Int32 {
        let remaining = ContinuousClock.now.duration(to: end)
        return remaining <= .zero ? 0 : Int32(clamping: remaining.wholeMilliseconds)
    }
}
