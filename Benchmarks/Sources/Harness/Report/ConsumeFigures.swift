/// What Postgres promises of a commit, and what this machine's disk takes for it.
package struct Durability: Sendable, Codable, Equatable {
    package let settings: [String: String]
    /// Writing 8 KiB and waiting for the disk, median.
    package let flushMicroseconds: Double

    package init(settings: [String: String], flushMicroseconds: Double) {
        self.settings = settings
        self.flushMicroseconds = flushMicroseconds
    }

    package var words: String {
        settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
            + "; 8 KiB are on the disk in \(Format.fixed(flushMicroseconds, 0)) µs"
    }
}

/// Units that were acknowledged, and units that the database counted meanwhile.
package struct CountFigures: Sendable, Codable, Equatable {
    package let what: String
    package private(set) var acknowledged: Int
    package private(set) var counted: Int
    /// Requests that the end of a load cut off before their answer, at most: counted or not, nobody
    /// outside can know.
    package private(set) var inFlight: Int
    /// Units that were acknowledged and not counted, or counted and not asked for; must be 0.
    package private(set) var unexplained: Int

    package init(what: String, acknowledged: Int, counted: Int, inFlight: Int) {
        self.what = what
        self.acknowledged = acknowledged
        self.counted = counted
        self.inFlight = inFlight
        unexplained = max(acknowledged - counted, counted - acknowledged - inFlight, 0)
    }

    /// Adds another run of the same kind; what was unexplained in one stays so.
    package mutating func add(_ other: CountFigures) {
        acknowledged += other.acknowledged
        counted += other.counted
        inFlight += other.inFlight
        unexplained += other.unexplained
    }
}

/// Consumes of other accounts without and with a hot account beside them.
package struct NeighbourFigures: Sendable, Codable {
    /// The others alone, and beside the hot account.
    package let quiet: LoadSample
    package let busy: LoadSample
    /// The hot account meanwhile.
    package let hot: LoadSample

    package init(quiet: LoadSample, busy: LoadSample, hot: LoadSample) {
        self.quiet = quiet
        self.busy = busy
        self.hot = hot
    }
}
