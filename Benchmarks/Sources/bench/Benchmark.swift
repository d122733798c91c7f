import CoreBenchmark
import Foundation
import Harness

/// One whole run, phase after phase.
struct Benchmark {
    let plan: Plan
    let parts: Set<Part>
    let binary: String
    let repository: URL

    func run() throws -> Report {
        let progress = Progress()
        let folder = try Children.all.makeFolder()
        var report = Report(
            machine: .current,
            sessions: plan.sessions,
            accounts: plan.accounts
        )
        progress.say("deciding without I/O")
        report.decideNanoseconds = CoreBenchmark()
            .nanosecondsAFeature(rounds: plan.rounds, passes: 5_000)
        let world = try World(
            plan: plan,
            binary: binary,
            repository: repository,
            folder: folder,
            progress: progress
        )
        if parts.contains(.check) { try checks(world, &report) }
        if parts.contains(.consume) { try Consumes(world: world).run(into: &report) }
        return report
    }

    private func checks(_ world: World, _ report: inout Report) throws {
        let service = try UsherService("usher", world.settings)
        world.progress.say("checking every session once")
        report.memory = try MemorySweep(
            world: world,
            service: service,
            held: (plan.sessions, plan.accounts)
        )
        .run()
        let answers = try Answers(service, world.wrk.checks, count: plan.samples)
        report.reasons = answers.reasons
        report.answerBytes = answers.medianBytes
        let baselines = try Baselines(world, answerBytes: answers.medianBytes)
        defer { baselines.stop() }
        report.loads = try Rounds(world: world, service: service, baselines: baselines).run()
        world.progress.say("checking beside acknowledged changes")
        report.writers = try Writers(world: world, service: service).run()
        world.progress.say("from acknowledged change to changed answer")
        report.freshness = try Freshness(world, service).run()
        service.child.stop()
        world.progress.say("with room for one in \(plan.boundedShare)")
        let bounded = try Bounded(world: world, baselines: baselines).run()
        report.loads.merge(bounded.loads) { first, _ in first }
        report.boundedMemory = bounded.memory
    }
}

extension Report.Machine {
    static var current: Report.Machine {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let processor = information.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }
        return Report.Machine(
            processor: processor.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: Int(ProcessInfo.processInfo.physicalMemory)
        )
    }
}
