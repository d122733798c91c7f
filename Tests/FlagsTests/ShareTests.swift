import Entitlements
import Testing

@testable import Flags

@Suite struct `Shares` {
    @Test(arguments: Bucketing.allCases)
    func `of a million units are as asked for, and grow without moving others`(
        bucketing: Bucketing
    ) {
        let units = 1_000_000
        let shares: [Int64] = [1_000, 10_000, 33_333, 50_000, 90_000]
        var counts = [Int](repeating: 0, count: shares.count)
        for unit in 0..<units {
            let hash = bucketing.hash(salt: "ramp", unit: "user-\(unit)")
            let bucket = Bucketing.bucket(of: hash, total: Rollout.whole)
            // In at one share is in at every larger one, since the bucket does not depend on it.
            for (index, share) in shares.enumerated() where bucket < share { counts[index] += 1 }
        }
        for (share, count) in zip(shares, counts) {
            let part = Double(share) / Double(Rollout.whole)
            let standardError = (part * (1 - part) * Double(units)).squareRoot()
            #expect(abs(Double(count) - part * Double(units)) < 3 * standardError)
        }
    }

    @Test func `of a split move as few units as one boundary can`() throws {
        func variants(_ rule: String) throws -> [JSON] {
            try (0..<2_000).map { try result(rule, key: "user-\($0)") }
        }
        let before = try variants(#"{"fractional": [["a", 90], ["b", 10]]}"#)
        let after = try variants(#"{"fractional": [["a", 80], ["b", 20]]}"#)
        let moved = zip(before, after).filter { $0 != $1 }
        #expect(moved.allSatisfy { $0 == "a" && $1 == "b" })
        #expect((140...260).contains(moved.count))
    }
}
