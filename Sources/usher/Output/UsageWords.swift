import Entitlements

/// What was used in the windows of a time, in words.
struct UsageWords {
    private let usage: JSON
    private let zone: Zone

    init(_ usage: JSON) {
        self.usage = usage
        zone = usage["timezone"]?.string.flatMap(Zone.init(named:)) ?? .utc
    }

    var items: [JSON] { usage["items"]?.array ?? [] }

    /// A row a window, and a user where the answer tells them apart.
    var table: Table {
        guard items.contains(where: { $0["user"] != nil }) else {
            var table = Table(window, "units", "requests")
            for item in items {
                table.add(
                    "\(label(of: item))",
                    "\(item.word("units"))",
                    "\(item.word("requests"))"
                )
            }
            return table
        }
        var table = Table(window, "user", "units", "requests")
        for item in items {
            table.add(
                "\(label(of: item))",
                "\(item.word("user"))",
                "\(item.word("units"))",
                "\(item.word("requests"))"
            )
        }
        return table
    }

    /// A bar a window.
    var chart: BarChart {
        BarChart(
            bars: items.map { item in
                BarChart.Bar(label: label(of: item), value: item["units"]?.integer ?? 0)
            }
        )
    }

    /// `api_calls of acme: 12 units by 3 requests, in the hours of Europe/Berlin`.
    func total(of account: String) -> String {
        let units = sum("units")
        let requests = sum("requests")
        let amounts =
            "\(units) \(units == 1 ? "unit" : "units") by "
            + "\(requests) \(requests == 1 ? "request" : "requests")"
        return "\(usage.word("feature")) of \(account): \(amounts), in \(window)s of \(zone.name)"
            .printable
    }
}

extension UsageWords {
    /// `hour`, `day` or `month`.
    private var window: String { usage.wordIfAny("window") ?? "window" }

    /// When a window begins, as the clocks and calendars of the account's zone show it.
    ///
    /// An hour has its offset from UTC: when clocks go back, one hour of the day comes twice.
    private func label(of item: JSON) -> String {
        guard let text = item["start"]?.string, let start = Instant(rfc3339: text) else {
            return item.word("start")
        }
        let wall = zone.wallClock(at: start)
        let month = "\(wall.year.digits(4))-\(wall.month.digits(2))"
        switch window {
        case "month": return month
        case "day": return "\(month)-\(wall.day.digits(2))"
        default:
            let minutes = wall.microsecondOfDay / 60_000_000
            let time = "\((minutes / 60).digits(2)):\((minutes % 60).digits(2))"
            return "\(month)-\(wall.day.digits(2)) \(time) \(offset(at: start))"
        }
    }

    private func offset(at instant: Instant) -> String {
        let seconds = zone.offsetSeconds(at: instant)
        guard seconds != 0 else { return "UTC" }
        let minutes = Int64(seconds.magnitude) / 60
        return "\(seconds < 0 ? "-" : "+")\((minutes / 60).digits(2)):\((minutes % 60).digits(2))"
    }

    private func sum(_ key: String) -> Int64 {
        items.reduce(0) { $0.addingReportingOverflow($1[key]?.integer ?? 0).partialValue }
    }
}

extension Int64 {
    /// The number in at least so many digits.
    fileprivate func digits(_ count: Int) -> String {
        let text = "\(self)"
        return String(repeating: "0", count: Swift.max(count - text.count, 0)) + text
    }
}
