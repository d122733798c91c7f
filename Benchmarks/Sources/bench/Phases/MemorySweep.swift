import Harness

/// Memory of a service that has just started, and once every session was checked.
struct MemorySweep {
    let world: World
    let service: UsherService
    let held: (sessions: Int, accounts: Int)

    func run() throws -> MemoryFigures {
        let empty = try ProcessTable.memory(service.child.pid)
        for file in world.wrk.checks.files {
            let sample = try world.wrk.sweep("/v1/check", port: service.port, file: file)
            world.progress.say("  swept \(sample.answers) at \(Format.rate(sample.perSecond))/s")
        }
        let full = try ProcessTable.memory(service.child.pid)
        return MemoryFigures(
            sessionsHeld: held.sessions,
            accountsHeld: held.accounts,
            emptyBytes: empty.now,
            fullBytes: full.now,
            peakBytes: full.peak
        )
    }
}
