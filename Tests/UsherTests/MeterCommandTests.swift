import ArgumentParser
import Entitlements
import Testing

@testable import usher

private let credit = "crd_0123456789abcdefghjkmnpqrs_acme"

/// What a command line, split at its blanks, would run.
private func command(_ line: String) throws -> any ServiceCommand {
    let command = try Usher.parseAsRoot(line.split(separator: " ").map(String.init))
    return try #require(command as? any ServiceCommand)
}

@Suite struct `A command about quotas` {
    typealias Row = (line: String, call: String, body: JSON?)

    private static let consumption: [Row] = [
        (
            "consume api --session ses_1", "POST /v1/consume",
            ["session": "ses_1", "feature": "api", "quantity": 1]
        ),
        (
            "consume api --account acme --user ada --quantity 5 --cap", "POST /v1/consume",
            ["account": "acme", "user": "ada", "feature": "api", "quantity": 5, "mode": "cap"]
        ),
        ("meters --account acme --user ada", "GET /v1/accounts/acme/meters?user=ada", nil),
        (
            "meters --account acme --limit 5 --cursor c",
            "GET /v1/accounts/acme/meters?limit=5&cursor=c", nil
        ),
        ("meters api --account acme", "GET /v1/accounts/acme/meters/api", nil),
        ("alerts --account acme --limit 5", "GET /v1/accounts/acme/alerts?limit=5", nil),
    ]

    private static let usage: [Row] = [
        (
            "usage show api --account acme --by-user",
            "GET /v1/accounts/acme/usage?feature=api&window=day&by=user", nil
        ),
        (
            "usage chart api --account acme --window hour --from 2027-01-01T01:00:00+01:00 "
                + "--to 2027-01-02T00:00:00Z --user ada",
            "GET /v1/accounts/acme/usage?feature=api&window=hour&from=2027-01-01T00:00:00.000Z"
                + "&to=2027-01-02T00:00:00.000Z&user=ada", nil
        ),
        (
            "usage ledger --account acme --feature api --user ada --limit 5",
            "GET /v1/accounts/acme/ledger?feature=api&user=ada&limit=5", nil
        ),
        (
            "usage refund api 4 --session ses_1 --consumption job-7 --reason failed",
            "POST /v1/refunds",
            [
                "session": "ses_1", "feature": "api", "quantity": 4, "consumption": "job-7",
                "reason": "failed",
            ]
        ),
        (
            "usage adjust api --account acme --add -5 --reason twice", "POST /v1/adjustments",
            ["account": "acme", "feature": "api", "add": -5, "reason": "twice"]
        ),
        (
            "usage adjust api --account acme --user ada --used 0 --reason twice",
            "POST /v1/adjustments",
            ["account": "acme", "user": "ada", "feature": "api", "used": 0, "reason": "twice"]
        ),
    ]

    private static let credits: [Row] = [
        (
            "credits add ai 500 --account acme --reason gift", "POST /v1/accounts/acme/credits",
            ["feature": "ai", "amount": 500, "reason": "gift"]
        ),
        (
            "credits add ai 500 --account acme --priority 5 --promotional "
                + "--from 2027-01-01T00:00:00Z --to 2028-01-01T00:00:00Z --every month --count 3 "
                + "--rollover-min 0 --rollover-max 100 --pending --reason gift",
            "POST /v1/accounts/acme/credits",
            [
                "feature": "ai", "amount": 500, "priority": 5, "promotional": true,
                "from": "2027-01-01T00:00:00.000Z", "to": "2028-01-01T00:00:00.000Z",
                "every": "month", "count": 3, "rollover": ["min": 0, "max": 100],
                "pending": true, "reason": "gift",
            ]
        ),
        (
            "credits add ai 500 --account acme --for 30d --rollover-max 100 --reason gift",
            "POST /v1/accounts/acme/credits",
            [
                "feature": "ai", "amount": 500, "ttl_seconds": 2_592_000,
                "rollover": ["max": 100], "reason": "gift",
            ]
        ),
        (
            "credits list --account acme --feature ai --state active --limit 5",
            "GET /v1/accounts/acme/credits?feature=ai&state=active&limit=5", nil
        ),
        ("credits show \(credit)", "GET /v1/accounts/acme/credits/\(credit)", nil),
        ("credits confirm \(credit)", "POST /v1/accounts/acme/credits/\(credit)/confirm", [:]),
        (
            "credits void \(credit) --reason back",
            "DELETE /v1/accounts/acme/credits/\(credit)?reason=back", nil
        ),
    ]

    private static let holds: [Row] = [
        (
            "reservations create ai --account acme --quantity 200 --ttl 30m",
            "POST /v1/reservations",
            ["account": "acme", "feature": "ai", "quantity": 200, "ttl_seconds": 1_800]
        ),
        ("reservations show rsv_1", "GET /v1/reservations/rsv_1", nil),
        (
            "reservations settle rsv_1 180", "POST /v1/reservations/rsv_1/settle",
            ["quantity": 180]
        ),
        ("reservations release rsv_1", "DELETE /v1/reservations/rsv_1", nil),
        (
            "leases take jobs --session ses_1", "POST /v1/leases",
            ["session": "ses_1", "feature": "jobs", "quantity": 1]
        ),
        (
            "leases renew lea_1 --ttl 2m", "POST /v1/leases/lea_1/heartbeat",
            ["ttl_seconds": 120]
        ),
        ("leases renew lea_1", "POST /v1/leases/lea_1/heartbeat", [:]),
        ("leases release lea_1", "DELETE /v1/leases/lea_1", nil),
        (
            "leases list --account acme --feature jobs",
            "GET /v1/accounts/acme/leases?feature=jobs", nil
        ),
    ]

    @Test(arguments: consumption + usage + credits + holds)
    func `makes the call that its options say`(row: Row) throws {
        let request = try command(row.line).request
        #expect("\(request.method) \(request.target)" == row.call)
        switch request.body {
        case .json(let json): #expect(json == row.body)
        default: #expect(row.body == nil)
        }
    }

    @Test func `asks for the time until now`() throws {
        let before = Instant.now
        let request = try command("usage show api --account acme --last 2h").request
        let from = try #require(request.query.first { $0.name == "from" }?.value)
        let instant = try #require(Instant(rfc3339: from))
        // The time is written in milliseconds.
        #expect(instant >= before - .seconds(7_200) - .milliseconds(1))
        #expect(instant <= Instant.now - .seconds(7_200))
    }

    @Test(arguments: [
        ("consume api --account acme", "--key"),
        ("consume api --account acme", "--idempotency-key"),
        ("reservations create ai --account acme", "--key"),
        ("leases take jobs --account acme", "--key"),
        ("usage refund api 1 --account acme --reason r", "--idempotency-key"),
        ("usage adjust api --account acme --add 1 --reason r", "--idempotency-key"),
        ("credits add ai 5 --account acme --reason r", "--idempotency-key"),
    ])
    func `can be named, so that a repetition does nothing`(line: String, option: String) throws {
        #expect(try command(line).request.headers.isEmpty)
        let headers = try command("\(line) \(option) job-7").request.headers
        #expect(headers.map(\.name) == ["Idempotency-Key"])
        #expect(headers.map(\.value) == ["job-7"])
    }

    @Test(arguments: [
        ("consume api", "either --session or --account"),
        ("consume api --session s --account a", "either --session or --account"),
        ("consume api --session s --user u", "--user goes with --account"),
        ("consume api --account a --quantity 1.5", "--quantity"),
        ("meters api --account a --limit 5", "one feature has none"),
        ("usage show api --account a --last 1d --from 2027-01-01T00:00:00Z", "either --last"),
        ("usage show api --account a --from 1d", "'--from <time>': write RFC 3339"),
        ("usage show api --account a --by-user --user u", "either --user or --by-user"),
        ("usage adjust api --account a --reason r", "either --used or --add"),
        ("usage adjust api --account a --used 1 --add 1 --reason r", "either --used or --add"),
        ("usage refund api 1 --account a", "--reason"),
        ("credits add ai 5 --account a --to 1d --for 1d --reason r", "either --to or --for"),
        ("credits add ai 5 --account a --count 3 --reason r", "--count goes with --every"),
        ("credits void grt_1", "'grt_1' is no credit"),
        ("credits show \(credit.dropLast(5))", "is no credit"),
        ("leases renew lea_1 --ttl 90", "'--ttl <span>': write a number and a unit"),
    ])
    func `says which option is wrong, and its form`(line: String, part: String) throws {
        let error = try #require(throws: (any Error).self) { try command(line) }
        #expect(Usher.message(for: error).contains(part))
    }
}

@Suite struct `A limited command` {
    private static let counted: [String: JSON] = [
        "allowed": true, "reason": "plan", "account": "acme", "feature": "api", "limit": 10,
        "used": 3, "remaining": 7, "held": 0, "over": 0,
        "resets_at": "2026-12-01T00:00:00.000Z",
    ]

    private func lines(_ line: String, _ members: [String: JSON]) throws -> [String] {
        let answer = JSON.object(Self.counted.merging(members) { $1 })
        return try command(line).lines(answer, on: Terminal(hasColours: false))
    }

    private static let standing = "3 of 10 used, 7 left; resets at 2026-12-01 00:00:00 UTC"

    @Test(
        arguments: [
            (
                "consume api --account acme --user ada", ["consumed": 1],
                "consumed 1 of api for user ada of acme: \(standing)"
            ),
            (
                "consume api --session ses_1 --quantity 5 --cap", ["consumed": 3],
                "consumed 3, not all 5, of api for session ses_1: \(standing)"
            ),
            (
                "reservations create api --account acme --quantity 2",
                [
                    "reservation": "rsv_1", "quantity": 2, "held": 2,
                    "expires_at": "2026-11-24T10:00:00.000Z",
                ],
                "reservation rsv_1 holds 2 of api for acme until 2026-11-24 10:00:00 UTC: "
                    + "3 of 10 used, 7 left, 2 held; resets at 2026-12-01 00:00:00 UTC"
            ),
            (
                "leases take jobs --account acme",
                [
                    "lease": "lea_1", "expires_at": "2026-11-24T10:00:00.000Z",
                    "resets_at": .null,
                ],
                "lease lea_1 has 1 of jobs for acme until 2026-11-24 10:00:00 UTC: "
                    + "3 of 10 used, 7 left"
            ),
            (
                "consume api --account acme --quantity 8",
                ["allowed": false, "reason": "quota_exhausted", "consumed": 0],
                "denied: 8 of api for acme (quota_exhausted): \(standing)"
            ),
            (
                "leases take jobs --session ses_1",
                ["allowed": false, "reason": "not_in_plan", "limit": .null, "used": .null],
                "denied: 1 of jobs for session ses_1 (not_in_plan)"
            ),
        ] as [(String, [String: JSON], String)]
    )
    func `says in one line what it did, or why not`(
        line: String,
        members: [String: JSON],
        said: String
    ) throws {
        #expect(try lines(line, members) == [said])
    }

    @Test func `says when there will be room`() throws {
        let consume = try #require(try command("consume api --account acme") as? ConsumeCommand)
        let denial: JSON = ["allowed": false, "reason": "rate_limited"]
        let terminal = Terminal(hasColours: true)
        let lines = consume.lines(denial, on: terminal, retryAfter: .seconds(3))
        #expect(
            lines == [
                "\u{1B}[31mdenied\u{1B}[0m: 1 of api for acme (rate_limited); try again in 3 s"
            ]
        )
    }

    @Test func `cannot steer the terminal`() throws {
        let line = try lines("consume api --account acme", ["allowed": false, "reason": "\u{1B}c"])
        #expect(line[0].hasPrefix("denied: 1 of api for acme (\\u{1B}c)"))
    }

    @Test func `is denied with the exit code of check`() {
        #expect(CheckCommand.denied.rawValue == 3)
        #expect(ConsumeCommand.helpMessage().contains("with 3 when it is denied"))
    }
}
