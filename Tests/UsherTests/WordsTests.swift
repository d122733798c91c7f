import ArgumentParser
import Entitlements
import Testing

@testable import usher

private let time: JSON = "2026-12-01T00:00:00.000Z"
private let seen = "2026-12-01 00:00:00 UTC"

extension JSON {
    /// The object with members put in, or in the place of others.
    fileprivate func with(_ members: [String: JSON]) -> JSON {
        .object((object ?? [:]).merging(members) { $1 })
    }
}

@Suite struct `A grant in words` {
    private static let grant: JSON = [
        "grant": "grt_1", "account": "acme", "feature": "sso", "effect": "allow",
        "mode": "replace", "value": true, "limit": .null, "user": .null, "session": .null,
        "from": time, "to": .null, "reason": "gift", "author": "key_1", "state": "in_force",
    ]

    @Test(
        arguments: [
            ([:], "allows sso to account acme until it is ended"),
            (
                ["effect": "deny", "value": .null, "user": "ann", "to": time],
                "denies sso to user ann of acme until \(seen)"
            ),
            (
                ["feature": "api", "value": .null, "limit": 50, "session": "ses_1", "user": "ann"],
                "allows api, 50, to session ses_1 of acme until it is ended"
            ),
            (
                ["feature": "api", "value": .null, "limit": 50, "mode": "stack"],
                "allows api, 50 more, to account acme until it is ended"
            ),
            (
                ["feature": "api", "value": .null, "limit": "unlimited"],
                "allows api, without limit, to account acme until it is ended"
            ),
            (
                ["feature": "days", "value": 90, "state": "waiting"],
                "allows days, value 90, to account acme from \(seen) until it is ended"
            ),
        ] as [([String: JSON], String)]
    )
    func `says what it does, to whom and until when`(members: [String: JSON], words: String) {
        #expect(GrantWords(Self.grant.with(members)).made == "grant grt_1 \(words)")
    }

    @Test func `says what it no longer does`() {
        let grant = Self.grant.with(["effect": "deny", "state": "ended", "to": time])
        #expect(GrantWords(grant).ended == "grant grt_1 no longer denies sso to account acme")
    }

    @Test func `is a row of the list`() {
        let lines = GrantWords.table([Self.grant]).lines(on: Terminal(hasColours: false))
        let row = "grt_1  in_force  allow   sso      account acme  -       since \(seen)"
        #expect(lines.last == "\(row)  gift    key_1")
    }
}

@Suite struct `A subscription in words` {
    private static let subscription: JSON = [
        "id": "sub_1", "account": "acme", "plan": "pro", "version": .null, "status": "active",
        "quantity": 5, "ended_at": .null, "cancel_at": .null, "change": .null,
        "quantity_change": .null,
        "effective": ["plan": "pro", "version": 3, "quantity": 5, "access": "paid"],
    ]
    private static let now = "; now in effect: plan pro v3, 5 of it (paid)"

    private func words(_ members: [String: JSON]) -> SubscriptionWords {
        SubscriptionWords(Self.subscription.with(members))
    }

    @Test func `says what it is, what waits and what it gives`() {
        #expect(
            words([:]).held
                == "subscription sub_1 of acme is active on plan pro, 5 of it\(Self.now)"
        )
        let waiting = words([
            "change": ["plan": "free", "version": 2, "at": time],
            "quantity_change": ["quantity": 1, "at": time],
        ])
        let then = "then plan free v2 from \(seen) and 1 of it from \(seen)"
        #expect(waiting.held.contains("5 of it, \(then); now"))
    }

    @Test func `says when a cancelled one ends or ended`() {
        let name = "subscription sub_1 of acme"
        #expect(words(["cancel_at": time]).cancelled == "\(name) ends at \(seen)\(Self.now)")
        let gone: [String: JSON] = ["ended_at": time, "effective": ["access": "none"]]
        #expect(
            words(gone).cancelled == "\(name) ended at \(seen); now in effect: nothing"
        )
    }

    @Test func `says how long a pause lasts`() {
        #expect(words(["paused_from": time]).paused.contains("from \(seen) until it is resumed"))
        #expect(words(["paused_until": time]).paused.contains("is paused until \(seen)"))
    }
}

@Suite struct `Usage in words` {
    @Test(
        arguments: [
            (["limit": 10, "used": 3, "remaining": 7, "over": 0], "3 of 10 used, 7 left"),
            (
                ["limit": 10, "used": 12, "remaining": 0, "over": 2],
                "12 of 10 used, over the limit"
            ),
            (
                ["limit": 10, "used": 12, "remaining": 0, "over": true],
                "12 of 10 used, over the limit"
            ),
            (["limit": "unlimited", "used": 3, "remaining": .null], "3 used, without limit"),
            (["limit": .null, "used": 3, "remaining": .null], "3 used, no limit in force"),
        ] as [(JSON, String)]
    )
    func `says what is used and what is left`(answer: JSON, words: String) {
        #expect(answer.usageInWords == words)
    }

    @Test(
        arguments: [
            (["a": time, "b": time], "\(seen) to \(seen)"), (["a": time], "since \(seen)"),
            (["a": .null, "b": time], "until \(seen)"), ([:], nil),
        ] as [(JSON, String?)]
    )
    func `says the half of a span that there is`(json: JSON, words: String?) {
        #expect(json.span("a", "b") == words)
    }
}

@Suite struct `A blocked account in words` {
    @Test(
        arguments: [
            (.null, "blocked     since \(seen): fraud"),
            (time, "blocked     since \(seen) until \(seen): fraud"),
        ] as [(JSON, String)]
    )
    func `says since when, until when and why`(until: JSON, line: String) throws {
        let account: JSON = [
            "account": "acme", "timezone": "UTC", "billing": [:], "attributes": [:],
            "blocked": ["since": time, "until": until, "reason": "fraud"], "revision": 2,
            "created_at": time, "test_clock": time,
        ]
        let command = try AccountsCommand.Block.parse(["acme", "--reason", "fraud"])
        let lines = command.lines(account, on: Terminal(hasColours: false))
        #expect(lines.contains(line))
        #expect(lines.contains("test clock  \(seen)"))
    }
}
