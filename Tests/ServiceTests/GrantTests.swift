import Catalog
import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

extension World {
    @discardableResult
    func grant(
        _ effect: Grant.Effect,
        _ feature: String,
        account: String = "acme",
        _ change: (inout GrantRequest) -> Void = { _ in }
    ) async throws -> GrantRecord {
        var request = GrantRequest(feature: feature, effect: effect, reason: "ticket 7")
        change(&request)
        let asked = request
        return
            try await service.store
            .write(as: author) { connection in
                try await service.create(grant: asked, account: account, on: connection)
            }
            .record
    }

    @discardableResult
    func end(_ grant: GrantRecord, reason: String? = nil) async throws -> RevisedGrant {
        try await service.end(
            grant: grant.grant.id,
            account: grant.account,
            reason: reason,
            as: author
        )
    }

    @discardableResult
    func set(clock: ClockSetting, account: String = "acme") async throws -> AccountClock {
        try await service.store.write(as: author) { connection in
            try await service.set(clock: clock, account: account, on: connection)
        }
    }

    func revision(_ account: String = "acme") async throws -> Int64 {
        try await service.account(account).revision
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `A grant` {
    @Test func `is in force at the next check, and ends with its call`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            let allow = try await world.grant(.allow, "sso")
            #expect(allow.state == .inForce && allow.author == "key:test")
            #expect(try await world.reason(session) == .grant)
            let deny = try await world.grant(.deny, "sso") { $0.user = "ann" }
            #expect(try await world.reason(session) == .deniedByGrant)
            let ended = try await world.end(deny, reason: "sorry")
            #expect(ended.record.state == .ended && ended.record.reason == "ticket 7")
            #expect(try await world.reason(session) == .grant)
            // Ended again it stays as it was.
            let revision = try await world.revision()
            #expect(try await world.end(deny) == ended)
            #expect(try await world.revision() == revision)
            try await world.end(allow)
            #expect(try await world.reason(session) == .grantEnded)
            let reasons = try await world.count(
                """
                select count(*) as n from change
                 where entity = 'access_grant' and reason = 'sorry'
                """
            )
            #expect(reasons == 1)
        }
    }

    @Test func `gives what it says, in the place of plans or beside them`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let stacked = try await world.grant(.allow, "api_calls") {
                $0.limit = .units(5)
                $0.mode = .stack
            }
            #expect(try await world.decision(session, "api_calls").limit == .units(100_005))
            try await world.grant(.allow, "api_calls") { $0.limit = .units(9) }
            #expect(try await world.decision(session, "api_calls").limit == .units(9))
            try await world.grant(.allow, "report_days") { $0.value = .number(365) }
            #expect(try await world.decision(session, "report_days").value == 365)
            try await world.grant(.allow, "report_days") {
                $0.value = 1
                $0.session = session
                $0.user = "ann"
            }
            #expect(try await world.decision(session, "report_days").value == 1)
            let other = try await world.signIn(user: "ann")
            #expect(try await world.decision(other, "report_days").value == 365)
            #expect(stacked.grant.mode == .stack)
        }
    }

    @Test func `that waits begins by itself, or never when it was ended before`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            let noon = Instant(microseconds: 1_900_000_000_000_000)
            try await world.set(clock: .at(noon))
            let fresh = try await world.signIn()
            let waiting = try await world.grant(.allow, "sso") {
                $0.from = noon + .seconds(60)
                $0.lifetime = .seconds(60)
            }
            #expect(waiting.state == .waiting)
            #expect(waiting.grant.until == noon + .seconds(120))
            let dropped = try await world.grant(.allow, "sso") { $0.from = noon + .seconds(600) }
            let ended = try await world.end(dropped).record
            #expect(ended.state == .ended && ended.grant.until == ended.grant.from)
            let reasons: [(Int, Decision.Reason)] = [
                (0, .notInPlan), (60, .grant), (59, .grant), (1, .grantEnded), (600, .grantEnded),
            ]
            for (seconds, reason) in reasons {
                if seconds > 0 { try await world.set(clock: .advance(.seconds(seconds))) }
                #expect(try await world.reason(fresh) == reason, "after \(seconds) more")
            }
            #expect(try await world.reason(session) == .sessionExpired)
        }
    }

    /// What was taken away, or taken back, in a rehearsal stays so in real time.
    @Test(arguments: [Instant(microseconds: 1_600_000_000_000_000), .latestWritten - .seconds(4e8)])
    func `keeps its sense when the test clock is taken away`(frozen: Instant) async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let before = try await world.grant(.deny, "report_days")
            let allowed = try await world.grant(.allow, "seats") { $0.limit = .units(3) }
            try await world.set(clock: .at(frozen))
            try await world.grant(.deny, "sso")
            try await world.end(before)
            try await world.end(allowed)
            _ = try await world.service.store.write(as: world.author) { connection in
                try await world.service.block(account: "acme", reason: "fraud", on: connection)
            }
            try await world.set(clock: .real)
            #expect(try await world.reason(session) == .accountBlocked)
            _ = try await world.service.unblock(account: "acme", reason: nil, as: world.author)
            #expect(try await world.reason(session) == .deniedByGrant)
            #expect(try await world.reason(session, "report_days") == .plan)
            #expect(try await world.decision(session, "seats").limit == .units(10))
        }
    }

    @Test func `is one of a bounded number that have not ended`() async throws {
        try await World.run { world in
            try await world.signUp()
            _ = try await world.pool.query(
                """
                insert into access_grant (account_id, feature_id, effect, user_id, from_at,
                    until_at)
                select 'acme', 'sso', 'deny', 'ann', now() - interval '1 minute',
                       case when n <= 5 then now() end
                  from generate_series(1, \(Limits.liveGrants + 4)) as n
                """
            )
            try await world.grant(.deny, "sso")
            let last = try await world.grant(.deny, "sso") { $0.user = "ann" }
            let refused = try await refusal {
                try await world.grant(.deny, "sso") { $0.user = "ann" }
            }
            #expect(refused.code == .conflict && refused.remedy != nil)
            try await world.end(last)
            try await world.grant(.deny, "sso") { $0.user = "ann" }
        }
    }

    @Test func `is listed newest first, page by page, by what it is about`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            var made: [String] = []
            for number in 0..<5 {
                let record = try await world.grant(.deny, number % 2 == 0 ? "sso" : "seats") {
                    if number == 1 { $0.user = "ann" }
                    if number == 2 { $0.session = session }
                }
                made.append(record.grant.id)
                if number == 0 { try await world.end(record) }
            }
            var listed: [String] = []
            var place: CreationPlace?
            repeat {
                let page = try await world.service
                    .grants(
                        of: "acme",
                        GrantFilter(),
                        after: place,
                        size: 2
                    )
                    .page
                listed += page.items.map(\.grant.id)
                place = page.next.flatMap(CreationPlace.init)
            } while place != nil
            #expect(listed == made.reversed())
            let filters: [(GrantFilter, [Int])] = [
                (GrantFilter(feature: "sso"), [4, 2, 0]), (GrantFilter(user: "ann"), [1]),
                (GrantFilter(session: session), [2]), (GrantFilter(state: .ended), [0]),
                (GrantFilter(feature: "sso", state: .inForce), [4, 2]),
                (GrantFilter(state: .waiting), []),
            ]
            for (filter, expected) in filters {
                let page = try await world.service
                    .grants(
                        of: "acme",
                        filter,
                        after: nil,
                        size: 9
                    )
                    .page
                #expect(page.items.map(\.grant.id) == expected.map { made[$0] }, "\(filter)")
            }
        }
    }
}
