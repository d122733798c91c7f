/// Everything that one run found, as it is written to `--json`.
package struct Report: Sendable, Codable {
    /// Where it ran; figures of another machine say little, ratios more.
    package var machine: Machine
    /// How much was seeded.
    package var sessions: Int
    package var accounts: Int
    /// Every load, under its own name.
    package var loads: [Load: LoadSample] = [:]
    package var writers: [WriterFigures] = []
    package var freshness: [FreshnessFigures] = []
    /// With everything held, and with room for a tenth.
    package var memory: MemoryFigures?
    package var boundedMemory: MemoryFigures?
    /// One pure decision about one feature, without any I/O.
    package var decideNanoseconds: Double?
    /// Bytes of an ordinary answer's body, which the baselines answer with as well.
    package var answerBytes: Int = 0
    /// What the checks answered, in a sample: how many for each reason.
    package var reasons: [String: Int] = [:]
    /// What a commit of this run's Postgres promises; nil where nothing was consumed.
    package var durability: Durability?
    /// Bytes of an ordinary consume's answer.
    package var consumeBytes: Int = 0
    package var neighbours: NeighbourFigures?
    package var counts: [CountFigures] = []

    package init(machine: Machine, sessions: Int, accounts: Int) {
        self.machine = machine
        self.sessions = sessions
        self.accounts = accounts
    }

    /// Whether every change was in force at the next check, and every unit was counted once.
    package var keepsPromises: Bool {
        freshness.allSatisfy { $0.violations == 0 } && counts.allSatisfy { $0.unexplained == 0 }
    }

    /// The machine, as the kernel tells it.
    package struct Machine: Sendable, Codable {
        package let processor: String
        package let cores: Int
        package let memoryBytes: Int

        package init(processor: String, cores: Int, memoryBytes: Int) {
            self.processor = processor
            self.cores = cores
            self.memoryBytes = memoryBytes
        }
    }
}
