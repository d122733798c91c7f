import Testing

@testable import Entitlements

@Suite struct `Several meters at once` {
    typealias Fixture = MeterFixture
    static let at = MeterFixture.seconds(1_000)
    static let pool = MeterKey(account: "a", feature: "credits")
    static let image = MeterKey(account: "a", feature: "image")
    static let user = MeterKey(account: "a", subject: "user:u", feature: "image")

    static func line(
        _ key: MeterKey,
        _ limit: Int64,
        _ quantity: Int64,
        each: Int64 = 1
    )
        -> MeterLine
    {
        MeterLine(
            key: key,
            quantity: quantity,
            unitsEach: each,
            terms: MeterTerms(allowances: [MeterFixture.base(limit)])
        )
    }

    @Test func `give all or nothing`() {
        var meters: [MeterKey: Meter] = [:]
        func lines(_ quantity: Int64) -> [MeterLine] {
            [
                Self.line(Self.image, 10, quantity), Self.line(Self.user, 4, quantity),
                Self.line(Self.pool, 35, quantity, each: 10),
            ]
        }
        #expect(take(lines(5), from: &meters, at: Self.at) == .refused(line: 1))
        #expect(take(lines(4), from: &meters, at: Self.at) == .refused(line: 2))
        #expect(meters.isEmpty)
        guard case .taken(let takings, let quantity) = take(lines(3), from: &meters, at: Self.at)
        else {
            Issue.record("refused")
            return
        }
        #expect(takings.map(\.units) == [3, 3, 30])
        #expect(quantity == 3)
        let before = meters
        #expect(take(lines(1), from: &meters, at: Self.at) == .refused(line: 2))
        #expect(meters == before)
    }

    @Test func `give as many as each has room for when capped`() {
        var meters: [MeterKey: Meter] = [:]
        let lines = [Self.line(Self.image, 10, 8), Self.line(Self.pool, 35, 8, each: 10)]
        guard
            case .taken(let takings, let quantity) =
                take(lines, cap: true, from: &meters, at: Self.at)
        else {
            Issue.record("refused")
            return
        }
        #expect(quantity == 3)
        #expect(takings.map(\.units) == [3, 30])
        #expect(take(lines, cap: true, from: &meters, at: Self.at) == .refused(line: 1))
    }

    @Test func `may be the same twice`() {
        var meters: [MeterKey: Meter] = [:]
        let lines = [Self.line(Self.pool, 35, 2, each: 10), Self.line(Self.pool, 35, 2, each: 8)]
        #expect(take(lines, from: &meters, at: Self.at) == .refused(line: 1))
        #expect(meters.isEmpty)
        #expect(
            take(lines, cap: true, from: &meters, at: Self.at)
                == .taken([.init(units: 10, change: 10), .init(units: 8, change: 8)], quantity: 1)
        )
    }

    @Test func `saturate rather than trap`() {
        var meters: [MeterKey: Meter] = [:]
        let lines = [Self.line(Self.pool, .max, .max, each: .max), Self.line(Self.image, 1, .max)]
        #expect(take(lines, from: &meters, at: Self.at) == .refused(line: 1))
    }

    @Test func `are ordered by the bytes of their keys`() {
        let keys = [
            MeterKey(account: "a", feature: "b"), MeterKey(account: "a", feature: "é"),
            MeterKey(account: "a", subject: "user:x", feature: "a"),
            MeterKey(account: "b", feature: "a"),
        ]
        #expect(keys.reversed().sorted() == keys)
    }
}

@Suite struct `What a meter remembers` {
    @Test(arguments: 0..<80 as Range<UInt64>)
    func `survives being written as JSON`(seed: UInt64) throws {
        var story = MeterStory(seed: seed)
        for _ in 0..<60 {
            story.step()
            guard let detail = story.quota.meter.detail else { continue }
            let text = detail.json.description
            let json = try JSON(parsing: text)
            #expect(Meter.Detail(json) == detail)
        }
    }

    @Test(arguments: [
        "[]", #"{"a":1}"#, #"{"h":[[1]]}"#, #"{"c":[["a",1,"x"]]}"#, #"{"x":[["a",1,2]]}"#,
        #"{"a":[["s",1,2,"x",null,[]]]}"#, #"{"a":[["s",1,2,null,null,[[1]]]]}"#,
    ])
    func `is not read from anything else`(text: String) throws {
        #expect(Meter.Detail(try JSON(parsing: text)) == nil)
    }
}
