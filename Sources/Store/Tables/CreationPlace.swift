import Entitlements

/// A place in a list that has the newest first, by when each was made and then by its id.
package struct CreationPlace: Sendable, Equatable {
    let createdAt: Instant
    let id: String

    init(after createdAt: Instant, _ id: String) {
        self.createdAt = createdAt
        self.id = id
    }

    /// Nil for what no list ever gave.
    package init?(_ cursor: String) {
        let parts = cursor.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let microseconds = Int64(parts[0]),
            (Instant.earliestWritten.microseconds...Instant.latestWritten.microseconds)
                .contains(microseconds)
        else { return nil }
        createdAt = Instant(microseconds: microseconds)
        id = String(parts[1])
    }

    package var cursor: String { "\(createdAt.microseconds).\(id)" }
}
