import Harness
import Testing

@Suite struct `Numbers over rounds` {
    @Test(arguments: [([3], 3), ([1, 9, 2], 2), ([4, 1, 2, 9], 3)] as [([Double], Double)])
    func `the median is the middle`(values: [Double], median: Double) {
        #expect(values.median == median)
    }

    @Test(arguments: [(0.5, 50), (0.99, 99), (1, 100), (0, 1)] as [(Double, Double)])
    func `a percentile is a value that occurred`(share: Double, value: Double) {
        #expect((1...100).map(Double.init).shuffled().percentile(share) == value)
    }

    @Test func `of no values there is none`() {
        #expect([Double]().median == nil)
        #expect([Double]().percentile(0.5) == nil)
        #expect(LoadSample.median(of: []) == nil)
    }

    @Test func `rounds are summed where they count and halved where they measure`() throws {
        var rounds = [10.0, 30, 20]
            .map {
                LoadSample(perSecond: $0, p50Milliseconds: $0 / 10, answers: 100, failures: 1)
            }
        for (index, cost) in [7.0, 5, 6].enumerated() {
            rounds[index].cpuMicroseconds = ["service": cost, "postgres": 1]
        }
        let middle = try #require(LoadSample.median(of: rounds))
        #expect(middle.perSecond == 20)
        #expect(middle.p50Milliseconds == 2)
        #expect(middle.p99Milliseconds == nil)
        #expect(middle.answers == 300)
        #expect(middle.failures == 3)
        #expect(middle.totalCPUMicroseconds == 7)
    }
}
