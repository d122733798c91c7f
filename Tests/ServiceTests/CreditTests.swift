import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

extension World {
    @discardableResult
    fileprivate func credit(
        _ amount: Int64 = 500,
        of feature: String = "api_calls",
        account: String = "acme",
        _ change: (inout CreditRequest) -> Void = { _ in }
    ) async throws -> CreditRecord {
        var request = CreditRequest(feature: feature, amount: amount, reason: "ticket 7")
        change(&request)
        let asked = request
        return
            try await service.store
            .write(as: author) { connection in
                try await service.create(credit: asked, account: account, on: connection)
            }
            .record
    }

    @discardableResult
    fileprivate func void(
        _ credit: CreditRecord,
        reason: String? = nil
    ) async throws
        -> RevisedCredit
    {
        try await service.void(
            credit: credit.id,
            account: credit.account,
            reason: reason,
            as: author
        )
    }

    @discardableResult
    fileprivate func confirm(_ credit: CreditRecord) async throws -> RevisedCredit {
        try await service.store.write(as: author) { connection in
            try await service.confirm(credit: credit.id, account: credit.account, on: connection)
        }
    }

    fileprivate func state(_ credit: CreditRecord) async throws -> CreditRecord.State {
        try await service.credit(credit.id, of: credit.account).record.state
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `A credit` {
    @Test func `is kept as it is given, with what is left out`() async throws {
        try await World.run { world in
            try await world.signUp()
            let plain = try await world.credit()
            #expect(plain.state == .active && plain.author == "key:test")
            #expect(plain.content.reason == "ticket 7" && plain.voidedAt == nil)
            let expected = CreditContent(
                feature: "api_calls",
                amount: 500,
                from: plain.content.from,
                rollover: CreditContent.Rollover(min: 0, max: 500),
                reason: "ticket 7"
            )
            #expect(plain.content == expected)
            let monthly = try await world.credit(9) {
                $0.every = .month
                $0.priority = 0
                $0.isPromotional = true
                $0.lifetime = .seconds(60)
            }
            #expect(monthly.content.recurrence == CreditContent.Recurrence(.month))
            #expect(monthly.content.rollover == CreditContent.Rollover(min: 0, max: 0))
            #expect(monthly.content.priority == 0 && monthly.content.isPromotional)
            #expect(monthly.content.until == monthly.content.from + .seconds(60))
            let quarterly = try await world.credit(9) {
                $0.every = .month
                $0.count = 3
                $0.rolloverMin = 2
                $0.rolloverMax = 9
            }
            #expect(quarterly.content.recurrence == CreditContent.Recurrence(.month, count: 3))
            #expect(quarterly.content.rollover == CreditContent.Rollover(min: 2, max: 9))
            let read = try await world.service.credit(quarterly.id, of: "acme")
            #expect(read.record == quarterly)
            #expect(try await read.revision == world.revision())
        }
    }

    @Test func `lives by the account's time`() async throws {
        try await World.run { world in
            try await world.signUp()
            let noon = Instant(microseconds: 1_900_000_000_000_000)
            try await world.set(clock: .at(noon))
            let credit = try await world.credit {
                $0.from = noon + .seconds(60)
                $0.to = noon + .seconds(120)
            }
            #expect(credit.state == .waiting)
            let states: [(Int, CreditRecord.State)] = [
                (59, .waiting), (1, .active), (59, .active), (1, .ended),
            ]
            for (seconds, state) in states {
                try await world.set(clock: .advance(.seconds(seconds)))
                #expect(try await world.state(credit) == state, "after \(seconds) more")
            }
            // What is over is not voided.
            let over = try await world.void(credit).record
            #expect(over.state == .ended && over.voidedAt == nil)
        }
    }

    @Test func `is voided once, with a reason`() async throws {
        try await World.run { world in
            try await world.signUp()
            let credit = try await world.credit()
            let voided = try await world.void(credit, reason: "refunded")
            #expect(voided.record.state == .voided && voided.record.voidedAt != nil)
            #expect(voided.record.content == credit.content)
            let revision = try await world.revision()
            #expect(try await world.void(credit) == voided)
            #expect(try await world.revision() == revision)
            let reasons = try await world.count(
                "select count(*) as n from change where entity = 'credit' and reason = 'refunded'"
            )
            #expect(reasons == 1)
        }
    }

    @Test(arguments: [Instant(microseconds: 1_600_000_000_000_000), .latestWritten - .seconds(4e8)])
    func `stays voided when the test clock is taken away`(frozen: Instant) async throws {
        try await World.run { world in
            try await world.signUp()
            try await world.set(clock: .at(frozen))
            let credit = try await world.credit()
            #expect(try await world.void(credit).record.state == .voided)
            try await world.set(clock: .real)
            #expect(try await world.state(credit) == .voided)
        }
    }

    @Test func `that is not paid waits for that, and is paid once`() async throws {
        try await World.run { world in
            try await world.signUp()
            let credit = try await world.credit { $0.isPending = true }
            #expect(credit.state == .pending)
            let paid = try await world.confirm(credit)
            #expect(paid.record.state == .active && !paid.record.content.isPending)
            let revision = try await world.revision()
            #expect(try await world.confirm(credit) == paid)
            #expect(try await world.revision() == revision)
            let early = try await world.credit {
                $0.isPending = true
                $0.from = paid.record.content.from + .seconds(3_600)
            }
            #expect(early.state == .pending)
            #expect(try await world.confirm(early).record.state == .waiting)
        }
    }

    @Test func `that is over or voided cannot be paid any more`() async throws {
        try await World.run { world in
            try await world.signUp()
            let voided = try await world.credit { $0.isPending = true }
            try await world.void(voided)
            let lapsed = try await world.credit {
                $0.isPending = true
                $0.from = Instant(microseconds: 1_600_000_000_000_000)
                $0.lifetime = .seconds(400_000_000)
            }
            let noon = Instant(microseconds: 2_000_000_000_000_000)
            try await world.set(clock: .at(noon))
            #expect(try await world.state(lapsed) == .ended)
            for (credit, word) in [(voided, "voided"), (lapsed, "ended")] {
                let refused = try await refusal { try await world.confirm(credit) }
                #expect(refused.code == .conflict && refused.detail.contains(word))
                #expect(refused.remedy != nil && refused.field == "credit")
            }
        }
    }

    @Test func `is of a metered feature, and of an account that there is`() async throws {
        try await World.run { world in
            try await world.signUp()
            let expected: [(String, String, Refusal.Code)] = [
                ("sso", "acme", .invalidField), ("seats", "acme", .invalidField),
                ("nope", "acme", .unknownFeature), ("api_calls", "none", .unknownAccount),
            ]
            for (feature, account, code) in expected {
                let refused = try await refusal {
                    try await world.credit(of: feature, account: account)
                }
                #expect(refused.code == code, "\(feature) of \(account)")
            }
        }
    }

    @Test func `is one of a bounded number that are not over`() async throws {
        try await World.run { world in
            try await world.signUp()
            _ = try await world.pool.query(
                """
                insert into credit (account_id, feature_id, amount, from_at, until_at, voided_at,
                    pending)
                select 'acme', 'api_calls', 1, now() - interval '1 minute',
                       case when n <= 5 then now() end, case when n between 6 and 9 then now() end,
                       n = 10
                  from generate_series(1, \(Limits.creditsLive + 8)) as n
                """
            )
            let last = try await world.credit()
            let refused = try await refusal { try await world.credit() }
            #expect(refused.code == .conflict && refused.remedy != nil)
            try await world.void(last)
            try await world.credit()
        }
    }

    @Test func `is listed newest first, page by page, by what it is about`() async throws {
        try await World.run { world in
            try await world.signUp()
            var made: [String] = []
            for number in 0..<5 {
                let record = try await world.credit(Int64(number + 1)) {
                    if number == 1 { $0.isPending = true }
                    if number == 2 { $0.from = .latestWritten - .seconds(9) }
                }
                made.append(record.id)
                if number == 0 { try await world.void(record) }
            }
            var listed: [String] = []
            var place: CreationPlace?
            repeat {
                let page = try await world.service
                    .credits(of: "acme", CreditFilter(), after: place, size: 2)
                listed += page.items.map(\.record.id)
                place = page.next.flatMap(CreationPlace.init)
            } while place != nil
            #expect(listed == made.reversed())
            let filters: [(CreditFilter, [Int])] = [
                (CreditFilter(feature: "api_calls"), [4, 3, 2, 1, 0]),
                (CreditFilter(feature: "sso"), []), (CreditFilter(state: .voided), [0]),
                (CreditFilter(state: .pending), [1]), (CreditFilter(state: .waiting), [2]),
                (CreditFilter(feature: "api_calls", state: .active), [4, 3]),
                (CreditFilter(state: .ended), []),
            ]
            for (filter, expected) in filters {
                let page = try await world.service
                    .credits(of: "acme", filter, after: nil, size: 9)
                #expect(page.items.map(\.record.id) == expected.map { made[$0] }, "\(filter)")
            }
        }
    }
}
