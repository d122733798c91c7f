import Foundation
import Harness

/// What is consumed: one feature that every plan gives, by a session of each account.
struct ConsumeSubject {
    /// Metered and in every plan; the least that one gives is more than a run takes of an account.
    static let feature = "api_calls"
    /// The feature under whose name pgbench has its own counters, which nobody consumes here.
    static let pgbenchFeature = "exports"
    /// In every plan, and not counted.
    static let plainFeature = "report_days"

    /// Of random accounts, but never of the hot one.
    let random: Requests
    /// Of the hot account.
    let hot: Requests
    /// Checks by the sessions of `random`: of the feature that is consumed, and of the plain one.
    let meteredChecks: Requests
    let plainChecks: Requests

    init(_ world: World) throws {
        let sessions = [
            "accounts": "\(world.plan.accounts)", "hot": "\(Plan.hotAccount)",
            "count": "\(world.plan.hotRequests)",
        ]
        func write(_ name: String, _ script: URL, _ feature: String) throws -> URL {
            let file = world.folder.appendingPathComponent(name)
            let variables = sessions.merging(["feature": feature]) { first, _ in first }
            try world.cluster.psql(script, variables: variables, to: file)
            return file
        }
        let scripts = world.scripts
        let consumers = try write("random-bodies.json", scripts.consumers, Self.feature)
        let ofHot = try write("hot-bodies.json", scripts.hotConsumers, Self.feature)
        let plain = try write("plain-bodies.json", scripts.consumers, Self.plainFeature)
        random = Requests(path: "/v1/consume", files: [consumers])
        hot = Requests(path: "/v1/consume", files: [ofHot])
        meteredChecks = Requests(path: "/v1/check", files: [consumers])
        plainChecks = Requests(path: "/v1/check", files: [plain])
    }
}
