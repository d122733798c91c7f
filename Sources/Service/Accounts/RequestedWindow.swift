import Entitlements

/// A window of time as a caller gives it: from when, and either until when or for how long.
struct RequestedWindow {
    /// What it is of, as in "the grant".
    let subject: String
    /// Nil: from now on.
    let from: Instant?
    let to: Instant?
    /// In the place of `to`.
    let lifetime: Duration?

    /// The window, now being some instant of the account's time.
    func resolved(at now: Instant) throws(Refusal) -> (from: Instant, until: Instant?) {
        let start = from ?? now
        let end = to ?? lifetime.map { start + $0 }
        let field = to == nil ? "ttl_seconds" : "to"
        if let end, end <= start {
            throw Refusal(
                .invalidField,
                "\(subject) ends at \(end), not after its start at \(start)",
                field: field,
                remedy: "give an end that is later than \(from == nil ? "now" : "from")"
            )
        }
        if let end, end > .latestWritten {
            throw Refusal(
                .invalidField,
                "\(subject) would end beyond the year 9999",
                field: field,
                remedy: "leave the end out for one that has none"
            )
        }
        return (start, end)
    }
}
