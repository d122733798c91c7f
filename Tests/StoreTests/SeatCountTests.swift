import Postgres
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The count of seats` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
        try await shop.addCounted()
        try await shop.open("acme")
        try await shop.open("other")
        try await shop.run(
            "insert into feature (feature_id, type, combine) values ('desks', 'seats', 'sum')"
        )
    }

    private func expectExact(_ what: String) async throws {
        let wrong = try await shop.number(
            """
            select count(*)
              from (select account_id, feature_id, count(*) as assigned from seat group by 1, 2) s
              full join (select * from seat_count where assigned > 0) c
                using (account_id, feature_id)
             where s.assigned is distinct from c.assigned
            """
        )
        #expect(wrong == 0, "\(what)")
    }

    @Test func `is exact whoever writes at once`() async throws {
        let shop = shop
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for round in 0..<25 {
                        let user = "u\(worker)_\(round)"
                        let account = round % 2 == 0 ? "acme" : "other"
                        try await shop.run(
                            """
                            insert into seat (account_id, feature_id, user_id)
                            values ('\(account)', 'seats', '\(user)')
                            """
                        )
                        let change =
                            switch round % 5 {
                            case 0: "delete from seat"
                            case 1: "update seat set feature_id = 'desks'"
                            case 2: "update seat set user_id = user_id || '_'"
                            case 3:
                                """
                                begin; delete from seat where user_id = '\(user)'; rollback;
                                update seat set assigned_at = now()
                                """
                            default: "update seat set author = 'x'"
                            }
                        try await shop.run("\(change) where user_id = '\(user)'")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await expectExact("after concurrent writes")
        #expect(try await shop.number("select count(*) from seat") == 80)
        try await shop.run(
            "delete from seat where account_id = 'other' and feature_id = 'desks'"
        )
        try await expectExact("after many were deleted at once")
        try await shop.run("delete from account where account_id = 'other'")
        try await expectExact("after an account was deleted")
        try await shop.run("truncate seat")
        try await expectExact("after a truncate")
    }
}
