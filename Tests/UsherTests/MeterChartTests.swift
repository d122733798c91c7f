import ArgumentParser
import Entitlements
import Testing

@testable import usher

private let plain = Terminal(hasColours: false)

@Suite struct `A chart` {
    private func lines(_ values: [Int64], columns: Int, blocks: Bool = false) -> [String] {
        let bars = values.map { BarChart.Bar(label: "a", value: $0) }
        let canvas = Canvas(columns: columns, hasBlocks: blocks)
        return BarChart(bars: bars).lines(on: plain, canvas: canvas)
    }

    @Test func `draws to the edge of its canvas and no further`() {
        // A label, a value of two digits and two gaps leave 20 of 27 columns.
        #expect(
            lines([10, 5], columns: 27) == [
                "a  10  ####################", "a   5  ##########",
            ]
        )
    }

    @Test func `draws in eighths where they can be seen`() {
        #expect(
            lines([80, 41, 1], columns: 17, blocks: true) == [
                "a  80  ██████████", "a  41  █████▏", "a   1  ▏",
            ]
        )
    }

    @Test(arguments: [true, false])
    func `tells little from none`(blocks: Bool) {
        let lines = lines([1_000_000, 1, 0], columns: 40, blocks: blocks)
        #expect(lines[1] == "a        1  \(blocks ? "▏" : "#")")
        #expect(lines[2] == "a        0")
    }

    @Test func `tells what was given back from what was used`() {
        #expect(lines([4, -2], columns: 17) == ["a   4  ##########", "a  -2  -----"])
        let bars = [BarChart.Bar(label: "a", value: -2)]
        let canvas = Canvas(columns: 17, hasBlocks: false)
        let line = BarChart(bars: bars).lines(on: Terminal(hasColours: true), canvas: canvas)
        #expect(line == ["a  -2  \u{1B}[31m----------\u{1B}[0m"])
    }

    @Test func `draws a scale that can be read however narrow its canvas is`() {
        #expect(lines([2, 1], columns: 0) == ["a  2  ##########", "a  1  #####"])
    }

    @Test func `takes the largest and the least of numbers`() {
        #expect(lines([.max, .min], columns: 80).allSatisfy { $0.count <= 80 })
        #expect(lines([], columns: 80) == [])
        #expect(lines([0, 0], columns: 80) == ["a  0", "a  0"])
    }
}

@Suite struct `A history in words` {
    private static func usage(
        _ window: JSON,
        zone: JSON,
        starts: [JSON],
        user: JSON? = nil
    ) -> JSON {
        let items = starts.map { start in
            var item: [String: JSON] = ["start": start, "units": 4, "requests": 1]
            item["user"] = user
            return JSON.object(item)
        }
        return [
            "feature": "api", "window": window, "timezone": zone, "items": .array(items),
        ]
    }

    @Test(
        arguments: [
            ("day", "Europe/Berlin", "2026-11-23T23:00:00.000Z", "2026-11-24"),
            ("month", "Europe/Berlin", "2026-11-30T23:00:00.000Z", "2026-12"),
            ("hour", "UTC", "2026-11-23T09:00:00.000Z", "2026-11-23 09:00 UTC"),
            // Clocks go back: two hours of the day are called 02:00.
            ("hour", "Europe/Berlin", "2026-10-25T00:00:00.000Z", "2026-10-25 02:00 +02:00"),
            ("hour", "Europe/Berlin", "2026-10-25T01:00:00.000Z", "2026-10-25 02:00 +01:00"),
            ("hour", "America/St_Johns", "2026-01-05T03:30:00.000Z", "2026-01-05 00:00 -03:30"),
            ("day", "UTC", "soon", "soon"),
        ] as [(JSON, JSON, JSON, String)]
    )
    func `names a window as the account's calendar does`(
        window: JSON,
        zone: JSON,
        start: JSON,
        label: String
    ) {
        let words = UsageWords(Self.usage(window, zone: zone, starts: [start]))
        #expect(words.table.lines(on: plain)[1].hasPrefix(label + "  4"))
        let bars = words.chart.lines(on: plain, canvas: Canvas(columns: 80, hasBlocks: false))
        #expect(bars[0].hasPrefix(label + "  4  ##"))
    }

    @Test func `sums up what it shows`() throws {
        let line = "usage chart api --account acme"
        let chart = try #require(
            try Usher.parseAsRoot(line.split(separator: " ").map(String.init))
                as? UsageCommand.Chart
        )
        let days: [JSON] = ["2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z"]
        let usage = Self.usage("day", zone: "UTC", starts: days)
        let lines = chart.lines(usage, on: plain, canvas: Canvas(columns: 25, hasBlocks: false))
        #expect(
            lines == [
                "2026-11-23  4  ##########", "2026-11-24  4  ##########",
                "api of acme: 8 units by 2 requests, in days of UTC",
            ]
        )
    }

    @Test func `tells users apart, and what no user did`() {
        for (user, shown) in [("ada", "ada"), (JSON.null, "-")] as [(JSON, String)] {
            let usage = Self.usage(
                "day",
                zone: "UTC",
                starts: ["2026-11-23T00:00:00.000Z"],
                user: user
            )
            let row = UsageWords(usage).table.lines(on: plain)[1]
            #expect(row.split(separator: " ") == ["2026-11-23", Substring(shown), "4", "1"])
        }
    }
}
