import Foundation
import Harness
import Postgres

/// Holds what was acknowledged against what the table `meter` counts.
final class Tally {
    /// One for each kind of load, in the order in which they came.
    private(set) var counts: [CountFigures] = []
    private let database: BlockingConnection
    /// Many times what a commit takes on a busy machine.
    private static let silence: Duration = .milliseconds(500)

    init(_ world: World) throws {
        database = try world.connection()
    }

    /// Runs loads that consume a feature, a unit each, and notes what was counted meanwhile.
    ///
    /// `inFlight` is how many requests their end may have cut off before the answer: whether those
    /// were counted, nobody outside can know.
    func verified(
        _ words: String,
        _ feature: String,
        inFlight: Int,
        _ loads: () throws -> [LoadSample]
    ) throws -> [LoadSample] {
        let before = try units(feature)
        let transactions = try transactions()
        var samples = try loads()
        let answers = samples.map(\.answers).reduce(0, +)
        let written = try self.transactions() - transactions
        if samples.count == 1, written > 0 {
            samples[0].answersATransaction = Double(answers) / Double(written)
        }
        add(
            CountFigures(
                what: words,
                acknowledged: answers,
                counted: try settled(feature, upTo: before + answers + inFlight) - before,
                inFlight: inFlight
            )
        )
        return samples
    }

    /// Units of a feature, as the table has them now.
    func units(_ feature: String) throws -> Int {
        let sum: SQL = """
            select coalesce(sum(used), 0)::bigint from meter where feature_id = \(feature)
            """
        return Int(try number(sum))
    }

    func add(_ figures: CountFigures) {
        if let index = counts.firstIndex(where: { $0.what == figures.what }) {
            counts[index].add(figures)
        } else {
            counts.append(figures)
        }
    }

    /// The units once nothing is written any more: what was under way when a load ended still is.
    ///
    /// That is when all that was ever asked for is counted, or nothing more came for some time.
    private func settled(_ feature: String, upTo most: Int) throws -> Int {
        var last = try units(feature)
        var changed = ContinuousClock.now
        while last < most, ContinuousClock.now - changed < Self.silence {
            usleep(20_000)
            let now = try units(feature)
            if now != last { changed = .now }
            last = now
        }
        return last
    }

    /// Transactions that wrote, since the cluster was made.
    private func transactions() throws -> Int64 {
        try number("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    }

    private func number(_ question: SQL) throws -> Int64 {
        guard let row = try database.query(question).first else {
            throw BenchmarkError("no answer to \(question)")
        }
        return try row.int64(0)
    }
}
