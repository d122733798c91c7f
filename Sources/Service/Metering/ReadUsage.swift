package import Entitlements
import Limits
package import Store

/// By what usage is summed up.
package enum UsageWindow: String, Sendable, CaseIterable {
    case hour, day, month

    fileprivate var interval: PeriodInterval {
        switch self {
        case .hour: .hour
        case .day: .day
        case .month: .month
        }
    }

    /// How many windows are told where nobody says from when on.
    fileprivate var standardCount: Int {
        switch self {
        case .hour: 24
        case .day: 30
        case .month: 12
        }
    }
}

/// What is asked about the usage of a feature.
package struct UsageRequest: Sendable {
    package let account: String
    package let feature: String
    package let window: UsageWindow
    package let from: Instant?
    package let to: Instant?
    package let user: String?
    package let isByUser: Bool

    package init(
        account: String,
        feature: String,
        window: UsageWindow = .day,
        from: Instant? = nil,
        to: Instant? = nil,
        user: String? = nil,
        isByUser: Bool = false
    ) {
        self.account = account
        self.feature = feature
        self.window = window
        self.from = from
        self.to = to
        self.user = user
        self.isByUser = isByUser
    }
}

/// How much was used of a feature, window by window.
package struct UsageHistory: Sendable {
    package struct Item: Sendable {
        package let period: Period
        /// Whose, where users are told apart; nil of nobody in particular.
        package let user: String?
        package let units: Int64
        package let requests: Int64
    }

    package let feature: String
    package let window: UsageWindow
    package let zone: Zone
    package let isByUser: Bool
    /// Windows without any use are in it.
    package let items: [Item]
}

extension UsherService {
    /// How much of a feature was used, in the hours, days or months of the account.
    package func usage(_ request: UsageRequest) async throws -> UsageHistory {
        let view = try await barrier.view(account: request.account)
        let feature = try view.live.metered(request.feature)
        guard let account = view.account else { throw Refusal.unknownAccount(request.account) }
        let windows = try request.windows(of: account.calendar, now: view.at)
        let rows = try await store.usage(
            UsageQuestion(
                account: account.id,
                feature: feature.id,
                bounds: windows.map(\.start) + windows.suffix(1).map(\.end),
                user: request.user,
                isByUser: request.isByUser
            ),
            atMost: Limits.usageRows
        )
        guard rows.count <= Limits.usageRows else {
            throw Refusal(
                .invalidField,
                "more than \(Limits.usageRows) rows of users and windows",
                field: "by",
                remedy: "ask for a shorter time, or for longer windows"
            )
        }
        let found = Dictionary(grouping: rows, by: \.window)
        return UsageHistory(
            feature: feature.id,
            window: request.window,
            zone: account.calendar.zone,
            isByUser: request.isByUser,
            items: windows.enumerated()
                .flatMap { place, period in UsageHistory.items(of: period, found[place] ?? []) }
        )
    }

    /// What was counted and corrected, the newest first.
    package func ledger(
        of account: String,
        _ filter: LedgerFilter,
        after place: LedgerPlace?,
        size: Int
    ) async throws -> Page<LedgerRecord> {
        let view = try await barrier.view(account: account)
        guard view.account != nil else { throw Refusal.unknownAccount(account) }
        if let feature = filter.feature { _ = try view.live.metered(feature) }
        return try await store.ledger(of: account, filter, after: place, size: size)
    }

    /// What there was to tell of an account's quotas, the newest first.
    package func alerts(
        of account: String,
        before cursor: Int64?,
        size: Int
    ) async throws -> Page<AlertRecord> {
        let view = try await barrier.view(account: account)
        guard view.account != nil else { throw Refusal.unknownAccount(account) }
        return try await store.alerts(of: account, before: cursor, size: size)
    }
}

extension UsageHistory {
    fileprivate static func items(of period: Period, _ rows: [WindowUsage]) -> [Item] {
        guard !rows.isEmpty else {
            return [Item(period: period, user: nil, units: 0, requests: 0)]
        }
        return rows.map { row in
            Item(period: period, user: row.user, units: row.units, requests: row.requests)
        }
    }
}

extension UsageRequest {
    /// Every window that some of the time lies in, whole.
    fileprivate func windows(
        of calendar: AccountCalendar,
        now: Instant
    ) throws(Refusal) -> [Period] {
        let schedule = PeriodSchedule.calendar(
            window.interval,
            in: calendar.zone,
            changed: calendar.change
        )
        let end = to ?? now + .microseconds(1)
        var start = from ?? .earliestWritten
        if from == nil {
            var first = schedule.period(containing: end - .microseconds(1))
            for _ in 1..<window.standardCount {
                first = schedule.period(containing: first.start - .microseconds(1))
            }
            start = first.start
        }
        guard start < end else {
            throw Refusal(
                .invalidField,
                "to must be later than from",
                field: "to",
                remedy: "send from and to the other way round"
            )
        }
        var windows = [schedule.period(containing: start)]
        while let last = windows.last, last.end < end {
            guard windows.count < Limits.usageWindows else {
                throw Refusal(
                    .invalidField,
                    "from is more than \(Limits.usageWindows) windows before to",
                    field: "from",
                    remedy: "ask for a shorter time, or for longer windows"
                )
            }
            windows.append(schedule.period(containing: last.end))
        }
        return windows
    }
}
