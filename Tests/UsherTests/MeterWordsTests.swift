import ArgumentParser
import Entitlements
import Testing

@testable import usher

private let plain = Terminal(hasColours: false)
private let time: JSON = "2026-12-01T00:00:00.000Z"
private let seen = "2026-12-01 00:00:00 UTC"

@Suite struct `A meter in words` {
    @Test(
        arguments: [
            (["used": 3, "limit": 10, "remaining": 7], "3 of 10 used, 7 left"),
            (["used": 3, "limit": "unlimited", "remaining": .null], "3 used, without limit"),
            (
                ["used": 12, "limit": 10, "remaining": 0, "over": 2, "resets_at": time],
                "12 of 10 used, 0 left, 2 over the limit; resets at \(seen)"
            ),
            (
                ["used": 3, "limit": 10, "remaining": 5, "held": 2, "over": .null],
                "3 of 10 used, 5 left, 2 held"
            ),
            (["used": .null, "limit": .null], nil), (["used": 3], nil),
        ] as [(JSON, String?)]
    )
    func `says where it stands`(meter: JSON, words: String?) {
        #expect(MeterWords(meter).standing == words)
    }

    @Test(arguments: [
        ("", "acme"), ("user:a:b", "user a:b of acme"), ("session:ses_1", "session ses_1 of acme"),
    ])
    func `says whose it is`(subject: String, words: String) {
        #expect(MeterWords(["account": "acme", "subject": .string(subject)]).whose == words)
    }

    @Test func `shows its balances in the order in which they are burnt`() {
        let meter: JSON = [
            "account": "acme", "subject": "", "feature": "ai", "type": "metered", "limit": 30,
            "used": 10, "remaining": 20, "held": 0, "over": 0, "resets_at": time,
            "period": ["start": "2026-11-01T00:00:00.000Z", "end": time], "revision": 4,
            "slots": [
                [
                    "slot": "crd_1", "kind": "credit", "amount": 10, "left": 0, "priority": 50,
                    "lost_at": time,
                ],
                [
                    "slot": "base", "kind": "allowance", "amount": 20, "left": 20,
                    "priority": 100, "lost_at": .null,
                ],
            ],
        ]
        #expect(
            MeterWords(meter).lines(on: plain) == [
                "feature   ai", "type      metered", "of        acme", "limit     30",
                "used      10", "left      20", "period    2026-11-01 00:00:00 UTC to \(seen)",
                "resets    \(seen)", "revision  4", "",
                "BURNT  SLOT   KIND       AMOUNT  LEFT  PRIORITY  LOST",
                "1.     crd_1  credit     10      0     50        \(seen)",
                "2.     base   allowance  20      20    100       never",
            ]
        )
    }

    @Test func `is a row of the list`() {
        let table = MeterWords.table([
            [
                "feature": "ai", "type": "metered", "subject": "user:ada", "used": 10,
                "limit": 30, "remaining": 20, "held": 0, "over": 0, "resets_at": .null,
            ]
        ])
        #expect(
            table.lines(on: plain)[1]
                == "ai       metered  user ada  10    30     20    0     0     -"
        )
    }
}

@Suite struct `A credit in words` {
    private static let credit: [String: JSON] = [
        "credit": "crd_1", "account": "acme", "feature": "ai", "amount": 500, "left": 400,
        "priority": 100, "promotional": false, "from": time, "to": .null, "every": .null,
        "count": .null, "rollover": .null, "state": "active", "reason": "gift",
        "author": "key_1",
    ]

    @Test(
        arguments: [
            ([:], "gives 500 of ai to acme"),
            (["to": time], "gives 500 of ai to acme until \(seen)"),
            (["every": "month", "count": 1], "gives 500 of ai to acme every month"),
            (
                ["every": "month", "count": 3, "state": "waiting"],
                "gives 500 of ai to acme every 3 months from \(seen)"
            ),
            (["state": "pending"], "will give 500 of ai to acme, once it is confirmed"),
        ] as [([String: JSON], String)]
    )
    func `says what it gives, to whom and until when`(members: [String: JSON], words: String) {
        let credit = JSON.object(Self.credit.merging(members) { $1 })
        #expect(CreditWords(credit).given == "credit crd_1 \(words)")
    }

    @Test func `says what it no longer gives`() {
        #expect(
            CreditWords(.object(Self.credit)).voided
                == "credit crd_1 no longer gives 500 of ai to acme"
        )
    }

    @Test func `says what stays of it`() {
        let rollover: JSON = ["min": 10, "max": .null]
        let credit = JSON.object(Self.credit.merging(["rollover": rollover]) { $1 })
        let lines = CreditWords(credit).facts.lines(on: plain)
        #expect(lines.contains("rolls over  at least 10"))
        #expect(lines.contains("kind        paid"))
    }

    @Test func `is a row of the list`() {
        let row = CreditWords.table([.object(Self.credit)]).lines(on: plain)[1]
        #expect(
            row == "crd_1   active  ai       500     400   -      since \(seen)  100       paid  "
                + "gift    key_1"
        )
    }
}

@Suite struct `A list about quotas` {
    private func rows(_ line: String, _ items: JSON) throws -> [String] {
        let command = try Usher.parseAsRoot(line.split(separator: " ").map(String.init))
        let shown = try #require(command as? any ServiceCommand)
        return shown.lines(["items": items], on: plain)
    }

    @Test(
        arguments: [
            (80, "80%"), (["units": 5_000], "5000 units"), (["percent": 80], "80%"), (.null, "-"),
        ] as [(JSON, String)]
    )
    func `tells a threshold of an alert`(threshold: JSON, words: String) throws {
        let rows = try rows(
            "alerts --account acme",
            [["at": time, "kind": "quota.threshold", "feature": "ai", "threshold": threshold]]
        )
        #expect(rows[1].contains("account  \(words) "))
    }

    @Test func `tells from which balances an entry came`() throws {
        let entry: JSON = [
            "at": time, "kind": "consume", "feature": "ai", "user": "ada", "units": 5,
            "parts": [["slot": "base", "units": 3], ["slot": "crd_1", "units": 2]],
            "reference": "job-7",
        ]
        let rows = try rows("usage ledger --account acme", [entry])
        #expect(rows[1].hasPrefix("\(seen)  consume  ai       ada   5      3 base, 2 crd_1  job-7"))
    }

    @Test(arguments: [
        ("usage ledger --account a", "nothing was counted"), ("alerts --account a", "no alerts"),
        ("credits list --account a", "no credits"), ("leases list --account a", "no leases"),
        ("meters --account a", "nothing is metered"),
    ])
    func `says that there is nothing`(line: String, words: String) throws {
        #expect(try rows(line, []) == [words])
    }
}
