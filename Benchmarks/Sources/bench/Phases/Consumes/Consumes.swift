import Foundation
import Harness

/// Durable consumes: how fast beside what an app would write itself, and that none is lost.
struct Consumes {
    let world: World

    func run(into report: inout Report) throws {
        report.durability = try world.durability()
        let service = try UsherService("usher-consume", world.settings)
        defer { service.child.stop() }
        let subject = try ConsumeSubject(world)
        let tally = try Tally(world)
        defer { report.counts = tally.counts }
        world.progress.say("consuming once from every counter")
        try sweep("every counter once", subject.random, service, tally)
        try sweep("the hot counter", subject.hot, service, tally)
        report.consumeBytes = try sample(subject.random, service, tally)
        try world.cluster.psql(world.scripts.counters)
        let nginx = try Nginx(
            "nginx-consume",
            answerBytes: report.consumeBytes,
            in: world.folder
        )
        defer { nginx.child.stop() }
        let rounds = ConsumeRounds(
            world: world,
            service: service,
            nginx: nginx,
            subject: subject,
            tally: tally
        )
        report.loads.merge(try rounds.run()) { first, _ in first }
        world.progress.say("consuming beside a hot account")
        report.neighbours =
            try Neighbours(world: world, service: service, subject: subject, tally: tally).run()
        world.progress.say("checking what is counted, and what is not")
        report.loads.merge(try checks(subject, service)) { first, _ in first }
    }

    /// Sends every body once: all of them are answered, so that not one may be missing.
    private func sweep(
        _ words: String,
        _ requests: Requests,
        _ service: UsherService,
        _ tally: Tally
    ) throws {
        let before = try tally.units(ConsumeSubject.feature)
        let sent = try requests.files.map(Self.lines).reduce(0, +)
        for file in requests.files {
            _ = try world.wrk.sweep(requests.path, port: service.port, file: file) {
                try tally.units(ConsumeSubject.feature) - before >= sent
            }
        }
        let counted = try tally.units(ConsumeSubject.feature) - before
        tally.add(
            CountFigures(what: words, acknowledged: sent, counted: counted, inFlight: 0)
        )
    }

    /// Looks at some answers one by one, so that what is measured are units and not refusals.
    private func sample(
        _ requests: Requests,
        _ service: UsherService,
        _ tally: Tally
    ) throws -> Int {
        let before = try tally.units(ConsumeSubject.feature)
        let answers = try Answers(service, requests, count: world.plan.samples)
        let asked = answers.reasons.values.reduce(0, +)
        let counted = try tally.units(ConsumeSubject.feature) - before
        tally.add(
            CountFigures(what: "one by one", acknowledged: asked, counted: counted, inFlight: 0)
        )
        return answers.medianBytes
    }

    /// Checks that show a live counter, beside those of the same sessions that show none.
    private func checks(
        _ subject: ConsumeSubject,
        _ service: UsherService
    ) throws -> [Load: LoadSample] {
        let loads = [Load(.plainCheck, 64), Load(.meteredCheck, 64)]
        return try Turns(world: world, loads: loads)
            .medians { load, turn in
                try world.checks(
                    service,
                    load.target == .meteredCheck ? subject.meteredChecks : subject.plainChecks,
                    connections: load.connections,
                    turn: turn
                )
            }
    }

    private static func lines(_ file: URL) throws -> Int {
        try Data(contentsOf: file).count { $0 == UInt8(ascii: "\n") }
    }
}
