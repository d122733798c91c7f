import Testing

@testable import Entitlements

@Suite struct `A time zone` {
    typealias Use = PeriodFixture

    @Test(arguments: ZoneFixture.offsets.split(separator: "\n").map(String.init))
    func `has the offsets that Python knows`(line: String) throws {
        var words = line.split(separator: " ")
        let zone = try Use.named(String(words.removeFirst()))
        for word in words {
            let pair = word.split(separator: "=").compactMap { Int64($0) }
            try #require(pair.count == 2)
            let instant = Instant(microseconds: pair[0] * 1_000_000)
            #expect(zone.offsetSeconds(at: instant) == pair[1], "\(zone.name) at \(instant)")
        }
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-03-29 01:59:59.999999", "2026-03-29 00:59:59.999999"),
        ("Europe/Berlin", "2026-03-29 02:00", "2026-03-29 01:00"),  // skipped: is 03:00
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:30"),  // skipped: is 03:30
        ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-10-25 02:00", "2026-10-25 00:00"),  // twice: the first
        ("Europe/Berlin", "2026-10-25 02:59:59.999999", "2026-10-25 00:59:59.999999"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59"),
        ("Pacific/Apia", "2011-12-30 10:00", "2011-12-30 20:00"),  // a whole day skipped
        ("Pacific/Apia", "2011-12-31 10:00", "2011-12-30 20:00"),
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00"),
        ("America/Sao_Paulo", "2019-11-03 00:00", "2019-11-03 03:00"),  // summer time was ended
        ("Pacific/Kwajalein", "1969-09-30 10:00", "1969-09-29 23:00"),
        ("UTC", "2026-01-01 00:00", "2026-01-01 00:00"),
    ])
    func `turns what its clocks show into an instant`(
        name: String,
        wall: String,
        instant: String
    ) throws {
        #expect(try Use.local(wall, name) == (try Use.utc(instant)))
    }

    @Test func `shows what an instant is on its clocks`() throws {
        let instant = try Use.utc("2026-03-29 01:00")
        let wall = try Use.named("Europe/Berlin").wallClock(at: instant)
        #expect(wall == WallClock(year: 2026, month: 3, day: 29, microsecondOfDay: 10_800_000_000))
        #expect(Zone.utc.wallClock(at: instant).microsecondOfDay == 3_600_000_000)
    }

    @Test(arguments: [
        "UTC", "GMT", "Etc/UTC", "Zulu", "EST", "CET", "EST5EDT", "Etc/GMT+12", "Europe/Kyiv",
        "Europe/Kiev", "Asia/Calcutta", "America/Argentina/ComodRivadavia", "NZ-CHAT",
    ])
    func `is every name of the tz database`(name: String) {
        #expect(Zone(named: name)?.name == name)
    }

    @Test(arguments: [
        "", "FOO", "GMT+25", "GMT+2", "GMT+0200", "UTC+3", "+02:00", "BST", "PST", "IST", "JST",
        "AST", "Factory", "localtime", "posixrules", "europe/berlin", "utc", "Europe", "Europe/",
        "/Europe/Berlin", "Europe//Berlin", " Europe/Berlin", "Europe/Berlin ", "Europe/Berlin\0",
        "../UTC", "right/UTC", "Etc/Unknown", "SystemV/PST8", "Etc/GMT+25", "Europe/Mün",
    ])
    func `is no other name`(name: String) {
        #expect(Zone(named: name) == nil)
    }

    @Test func `holds its last offset for ever, and saturates`() throws {
        let berlin = try Use.named("Europe/Berlin")
        #expect(berlin.offsetSeconds(at: .always) == 3_600)
        #expect(berlin.offsetSeconds(at: try Use.utc("2199-07-01")) == 7_200)
        #expect(berlin.offsetSeconds(at: try Use.utc("2300-07-01")) == 3_600)
        for instant in [Instant.never, .always] {
            let shown = berlin.instant(of: berlin.wallClock(at: instant)).microseconds
            #expect(abs(Int128(shown) - Int128(instant.microseconds)) <= 86_400_000_000)
        }
    }

    @Test(
        arguments: [
            (90_000, []),
            (0, [(10, 3_600), (10, 0)]),
            (0, [(10, 3_600), (5, 0)]),
            (0, [(10, -86_401)]),
            (-50_000, [(10, 50_000)]),  // a jump of more than a day
        ] as [(Int64, [(Int64, Int64)])]
    )
    func `is not made of a table that is none`(first: Int64, table: [(Int64, Int64)]) {
        let transitions = table.map {
            Zone.Transition(at: Instant(microseconds: $0.0), offsetSeconds: $0.1)
        }
        #expect(
            Zone(name: "Nowhere", firstOffsetSeconds: first, transitions: transitions) == nil
        )
    }

    @Test func `is the same when many ask for it at once`() async {
        let zones = await withTaskGroup(of: Zone?.self) { group in
            for _ in 0..<64 { group.addTask { Zone(named: "America/Nuuk") } }
            return await group.reduce(into: Set<Zone?>()) { $0.insert($1) }
        }
        #expect(zones == [Zone(named: "America/Nuuk")])
    }

    @Test(
        arguments: [
            (2026, 2, 29, 0), (2026, 13, 1, 0), (2026, 0, 1, 0), (2026, 1, 0, 0), (2026, 1, 1, -1),
            (2026, 1, 1, 86_400_000_000), (.max, 1, 1, 0), (.min, 1, 1, 0),
            (2026, .max, .max, .max),
        ] as [(Int64, Int64, Int64, Int64)]
    )
    func `has no clock that shows`(year: Int64, month: Int64, day: Int64, inDay: Int64) {
        let wall = WallClock(year: year, month: month, day: day, microsecondOfDay: inDay)
        #expect(wall == nil)
    }
}
