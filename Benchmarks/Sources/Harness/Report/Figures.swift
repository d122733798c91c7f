/// Checks beside a stream of acknowledged changes.
package struct WriterFigures: Sendable, Codable {
    package let changesAsked: Int
    package let changesASecond: Double
    /// Checks in the same rounds without the changes, and with them.
    package let quiet: LoadSample
    package let busy: LoadSample

    package init(changesAsked: Int, changesASecond: Double, quiet: LoadSample, busy: LoadSample) {
        self.changesAsked = changesAsked
        self.changesASecond = changesASecond
        self.quiet = quiet
        self.busy = busy
    }
}

/// From an acknowledged change to the changed answer.
package struct FreshnessFigures: Sendable, Codable {
    /// How it was changed, in words.
    package let change: String
    /// Connections that check without pause meanwhile; 0 is none.
    package let connections: Int
    package let changes: Int
    /// Changes that the first check after their acknowledgement did not show; must be 0.
    package let violations: Int
    /// From the acknowledgement to the changed answer.
    package let effectP50Milliseconds: Double
    package let effectP99Milliseconds: Double
    /// The change itself, from sending it to its acknowledgement.
    package let changeP50Milliseconds: Double

    package init(
        change: String,
        connections: Int,
        violations: Int,
        effectMilliseconds: [Double],
        changeMilliseconds: [Double]
    ) {
        self.change = change
        self.connections = connections
        self.violations = violations
        changes = effectMilliseconds.count
        effectP50Milliseconds = effectMilliseconds.median ?? 0
        effectP99Milliseconds = effectMilliseconds.percentile(0.99) ?? 0
        changeP50Milliseconds = changeMilliseconds.median ?? 0
    }
}

/// Memory of the service before and after it saw every session once.
package struct MemoryFigures: Sendable, Codable {
    /// Sessions and accounts that it may hold.
    package let sessionsHeld: Int
    package let accountsHeld: Int
    package let emptyBytes: Int
    package let fullBytes: Int
    /// The most it ever took.
    package let peakBytes: Int

    package init(
        sessionsHeld: Int,
        accountsHeld: Int,
        emptyBytes: Int,
        fullBytes: Int,
        peakBytes: Int
    ) {
        self.sessionsHeld = sessionsHeld
        self.accountsHeld = accountsHeld
        self.emptyBytes = emptyBytes
        self.fullBytes = fullBytes
        self.peakBytes = peakBytes
    }
}
