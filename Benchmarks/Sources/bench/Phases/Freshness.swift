import Harness
import Postgres

/// From an acknowledged change to the changed answer, one change after the other.
///
/// The first check that begins after the acknowledgement has to show the change; one that does not
/// is a violation, and is counted, not retried away.
struct Freshness {
    /// A way to change a subscription's plan, in words, and the doing.
    private struct Change {
        let words: String
        let apply: (_ account: String, _ plan: String) throws -> Void
    }

    private static let accounts = 64
    private static let busyConnections = 64
    private let world: World
    private let service: UsherService
    private let database: BlockingConnection
    private let subject: FreshnessSubject

    init(_ world: World, _ service: UsherService) throws {
        self.world = world
        self.service = service
        database = try world.connection()
        subject = try FreshnessSubject(database, accounts: Self.accounts)
    }

    func run() throws -> [FreshnessFigures] {
        let client = try service.client()
        let changes = [
            Change(words: "PUT subscription, by the API") { account, plan in
                let path = "/v1/accounts/\(account)/subscriptions/sub_main"
                let answer = try client.send("PUT", path, json: #"{"plan":"\#(plan)"}"#)
                guard answer.status == 200 else {
                    throw BenchmarkError("PUT \(path) gave \(answer.status): \(answer.body)")
                }
            },
            Change(words: "UPDATE subscription, in SQL") { account, plan in
                let done = try database.query(
                    """
                    update subscription set plan_id = \(plan)
                     where account_id = \(account) and subscription_id = 'sub_main'
                    """
                )
                guard done.affected == 1 else {
                    throw BenchmarkError("no subscription of \(account) to change")
                }
            },
        ]
        return try [0, Self.busyConnections]
            .flatMap { connections in
                try changes.map { try beside(connections, $0) }
            }
    }

    /// Probes one way of changing while so many connections check without pause.
    private func beside(_ connections: Int, _ change: Change) throws -> FreshnessFigures {
        guard connections > 0 else { return try probe(change, connections) }
        let seconds = Int(world.plan.probeTime.seconds) + 3
        let load = try world.wrk.started(
            world.wrk.checks,
            port: service.port,
            connections: connections,
            seconds: seconds,
            turn: 0
        )
        defer { load.child.stop() }
        return try probe(change, connections)
    }

    private func probe(_ change: Change, _ connections: Int) throws -> FreshnessFigures {
        let client = try service.client()
        let clock = ContinuousClock()
        let end = clock.now + world.plan.probeTime
        var effects: [Double] = []
        var changes: [Double] = []
        var violations = 0
        for number in 0..<world.plan.probes where clock.now < end {
            let target = subject.targets[number % subject.targets.count]
            // Each round over the accounts turns them the other way.
            let isLocked = (number / subject.targets.count).isMultiple(of: 2)
            let sent = clock.now
            try change.apply(target.account, isLocked ? subject.locked : subject.open)
            let acknowledged = clock.now
            if try isAllowed(client, target.session) == isLocked {
                violations += 1
                try untilChanged(client, target.session, isLocked)
            }
            effects.append((clock.now - acknowledged).milliseconds)
            changes.append((acknowledged - sent).milliseconds)
        }
        world.progress.say("  \(change.words), \(connections) checking: \(effects.count) changes")
        return FreshnessFigures(
            change: change.words,
            connections: connections,
            violations: violations,
            effectMilliseconds: effects,
            changeMilliseconds: changes
        )
    }

    private func untilChanged(
        _ client: LoopbackClient,
        _ session: String,
        _ isLocked: Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(2)
        while try isAllowed(client, session) == isLocked {
            guard ContinuousClock.now < deadline else {
                throw BenchmarkError(
                    "a change was not in force two seconds after its acknowledgement"
                )
            }
        }
    }

    private func isAllowed(_ client: LoopbackClient, _ session: String) throws -> Bool {
        let body = #"{"session":"\#(session)","feature":"\#(subject.feature)"}"#
        let answer = try client.send("POST", "/v1/check", json: body)
        guard answer.status == 200 else {
            throw BenchmarkError("a check was answered \(answer.status): \(answer.body)")
        }
        return answer.body.contains(#""allowed":true"#)
    }
}
