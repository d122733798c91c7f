package import Entitlements
import Limits
package import Postgres
import Store

/// What a caller says about an account's clock.
package enum ClockSetting: Sendable, Equatable {
    /// The database's clock, as ever.
    case real
    /// Frozen at an instant.
    case at(Instant)
    /// Frozen so much later than it is.
    case advance(Duration)
}

/// The time of an account.
package struct AccountClock: Sendable, Equatable {
    package let account: String
    package let now: Instant
    package let isTest: Bool
    package let revision: Int64
}

extension UsherService {
    package func clock(of account: String) async throws -> AccountClock {
        let view = try await barrier.view(account: account)
        guard let held = view.account else { throw Refusal.unknownAccount(account) }
        return AccountClock(
            account: account,
            now: view.at,
            isTest: held.testClock != nil,
            revision: held.revision
        )
    }

    /// Freezes an account's time, moves it on, or gives it back to the database's clock.
    ///
    /// Frozen it only goes forward: what a rehearsal has seen begin and end stays in order. To
    /// start over, set it back to real time first.
    package func set(
        clock setting: ClockSetting,
        account: String,
        on connection: Connection
    ) async throws -> AccountClock {
        if setting != .real, !allowsTestClocks { throw Refusal.testClocksDisabled }
        guard let held = try await store.lockClock(of: account, on: connection) else {
            throw Refusal.unknownAccount(account)
        }
        let clock = try setting.instant(from: held)
        if clock != held.testClock {
            try await store.put(clock: clock, account: account, on: connection)
        }
        guard
            let after = try await store.lockClock(of: account, on: connection),
            let record = try await store.account(account, on: connection)
        else { throw Refusal.unknownAccount(account) }
        return AccountClock(
            account: account,
            now: after.now,
            isTest: after.testClock != nil,
            revision: record.revision
        )
    }

    /// Some accounts whose time is a test clock, where nobody may set one: a warning's worth.
    package func forgottenTestClocks() async throws -> [String] {
        allowsTestClocks ? [] : try await store.accountsOnTestClocks(atMost: 10)
    }
}

extension ClockSetting {
    /// What begins then, a grant of ten years at the longest, must still end in a year that four
    /// digits can write.
    private static let latest = Instant.latestWritten - .seconds(Limits.grantSeconds)

    fileprivate func instant(from held: ClockRecord) throws(Refusal) -> Instant? {
        switch self {
        case .real: return nil
        case .at(let instant):
            try Self.check(instant, field: "now")
            guard let frozen = held.testClock, instant < frozen else { return instant }
            throw Refusal(
                .conflict,
                "the clock stands at \(frozen), and goes forward only",
                field: "now",
                remedy: "give a later instant, or go back to real time with {} first"
            )
        case .advance(let duration):
            let instant = held.now + duration
            try Self.check(instant, field: "advance_seconds")
            return instant
        }
    }

    private static func check(_ instant: Instant, field: String) throws(Refusal) {
        guard instant > latest else { return }
        throw Refusal(
            .invalidField,
            "the clock would stand at \(instant), after \(latest)",
            field: field,
            remedy: "set it to an earlier instant"
        )
    }
}

extension Refusal {
    fileprivate static let testClocksDisabled = Refusal(
        .testClocksDisabled,
        "this instance takes no test clocks",
        remedy: "start it with USHER_TEST_CLOCKS=1, never in production; {} is always taken"
    )
}
