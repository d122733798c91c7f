import ArgumentParser
import Entitlements
import Testing

@testable import usher

/// What a command line, split at its blanks, would send.
private func request(_ line: String) throws -> APIRequest {
    let command = try Usher.parseAsRoot(line.split(separator: " ").map(String.init))
    return try #require(command as? any ServiceCommand).request
}

private func body(_ request: APIRequest) -> JSON? {
    guard case .json(let json) = request.body else { return nil }
    return json
}

private let grant = "grt_0123456789abcdefghjkmnpqrs_acme"

@Suite struct `A command` {
    typealias Row = (line: String, call: String, body: JSON?)

    private static let subscriptions: [Row] = [
        (
            "subscriptions cancel sub_1 --account acme",
            "POST /v1/accounts/acme/subscriptions/sub_1/cancel", [:]
        ),
        (
            "subscriptions cancel sub_1 --account acme --at period-end --reason left",
            "POST /v1/accounts/acme/subscriptions/sub_1/cancel",
            ["at": "period_end", "reason": "left"]
        ),
        (
            "subscriptions uncancel sub_1 --account acme",
            "POST /v1/accounts/acme/subscriptions/sub_1/uncancel", [:]
        ),
        (
            "subscriptions pause sub_1 --account acme --until 2027-01-01T00:00:00Z",
            "POST /v1/accounts/acme/subscriptions/sub_1/pause",
            ["until": "2027-01-01T00:00:00.000Z"]
        ),
        (
            "subscriptions resume sub_1 --account acme",
            "POST /v1/accounts/acme/subscriptions/sub_1/resume", [:]
        ),
        (
            "subscriptions change sub_1 --account acme --plan pro --quantity 5 --at now",
            "POST /v1/accounts/acme/subscriptions/sub_1/change",
            ["plan": "pro", "quantity": 5, "at": "now"]
        ),
        (
            "subscriptions drop-change sub_1 --account acme --reason no",
            "DELETE /v1/accounts/acme/subscriptions/sub_1/change?reason=no", nil
        ),
        (
            "subscriptions extend-trial sub_1 --account acme --days 14",
            "POST /v1/accounts/acme/subscriptions/sub_1/trial/extend", ["days": 14]
        ),
        (
            "subscriptions extend-trial sub_1 --account acme --to 2027-01-01T01:00:00+01:00",
            "POST /v1/accounts/acme/subscriptions/sub_1/trial/extend",
            ["trial_end": "2027-01-01T00:00:00.000Z"]
        ),
        (
            "subscriptions end-trial sub_1 --account acme",
            "POST /v1/accounts/acme/subscriptions/sub_1/trial/end", [:]
        ),
        (
            "subscriptions get sub_1 --account acme",
            "GET /v1/accounts/acme/subscriptions/sub_1", nil
        ),
    ]

    private static let grants: [Row] = [
        (
            "grants add sso --account acme --user ann --deny --for 2h --reason case",
            "POST /v1/accounts/acme/grants",
            [
                "feature": "sso", "effect": "deny", "user": "ann", "ttl_seconds": 7_200,
                "reason": "case",
            ]
        ),
        (
            "grants add api --account acme --stack --limit unlimited --reason gift",
            "POST /v1/accounts/acme/grants",
            [
                "feature": "api", "effect": "allow", "mode": "stack", "limit": "unlimited",
                "reason": "gift",
            ]
        ),
        (
            "grants add days --account acme --value -5 --from 2027-01-01T00:00:00Z "
                + "--to 2027-02-01T00:00:00Z --reason gift",
            "POST /v1/accounts/acme/grants",
            [
                "feature": "days", "effect": "allow", "value": -5, "reason": "gift",
                "from": "2027-01-01T00:00:00.000Z", "to": "2027-02-01T00:00:00.000Z",
            ]
        ),
        (
            "grants list --account acme --user ann --state in_force --limit 5",
            "GET /v1/accounts/acme/grants?user=ann&state=in_force&limit=5", nil
        ),
        ("grants show \(grant)", "GET /v1/accounts/acme/grants/\(grant)", nil),
        (
            "grants end \(grant) --reason closed",
            "DELETE /v1/accounts/acme/grants/\(grant)?reason=closed", nil
        ),
    ]

    private static let usage: [Row] = [
        ("seats assign crew ann --account acme", "PUT /v1/accounts/acme/seats/crew/ann", [:]),
        ("seats release crew ann --account acme", "DELETE /v1/accounts/acme/seats/crew/ann", nil),
        (
            "seats swap crew --from ann --to bob --account acme",
            "POST /v1/accounts/acme/seats/crew/swap", ["from": "ann", "to": "bob"]
        ),
        ("seats list crew --account acme", "GET /v1/accounts/acme/seats/crew", nil),
        (
            "levels set storage 40 --account acme",
            "PUT /v1/accounts/acme/levels/storage", ["value": 40]
        ),
        (
            "levels add storage -5 --account acme",
            "PUT /v1/accounts/acme/levels/storage", ["add": -5]
        ),
        ("levels list --account acme", "GET /v1/accounts/acme/levels", nil),
        ("levels list storage --account acme", "GET /v1/accounts/acme/levels/storage", nil),
    ]

    private static let others: [Row] = [
        ("clock show --account acme", "GET /v1/accounts/acme/clock", nil),
        (
            "clock set 2026-12-24T18:00:00Z --account acme",
            "PUT /v1/accounts/acme/clock", ["now": "2026-12-24T18:00:00.000Z"]
        ),
        (
            "clock advance 14d --account acme",
            "PUT /v1/accounts/acme/clock", ["advance_seconds": 1_209_600]
        ),
        ("clock clear --account acme", "PUT /v1/accounts/acme/clock", [:]),
        ("features list", "GET /v1/features", nil),
        ("features disable sso", "PUT /v1/features/sso/disabled", [:]),
        ("features enable sso --reason ok", "DELETE /v1/features/sso/disabled?reason=ok", nil),
        (
            "accounts block acme --reason fraud --until 2027-01-01T00:00:00Z",
            "POST /v1/accounts/acme/block",
            ["reason": "fraud", "until": "2027-01-01T00:00:00.000Z"]
        ),
        (
            "explain sso --session ses_1", "POST /v1/check",
            ["session": "ses_1", "feature": "sso", "explain": true]
        ),
    ]

    private static let earlier: [Row] = [
        (
            "accounts put acme --name Acme --billing stripe=cus_1", "PUT /v1/accounts/acme",
            ["name": "Acme", "billing": ["stripe": "cus_1"]]
        ),
        ("accounts show acme", "GET /v1/accounts/acme", nil),
        ("accounts list --limit 5 --cursor c", "GET /v1/accounts?limit=5&cursor=c", nil),
        ("accounts unblock acme --reason ok", "DELETE /v1/accounts/acme/block?reason=ok", nil),
        ("subscriptions list --account acme", "GET /v1/accounts/acme/subscriptions", nil),
        (
            "subscriptions delete sub_1 --account acme --reason oops",
            "DELETE /v1/accounts/acme/subscriptions/sub_1?reason=oops", nil
        ),
        (
            "sessions create --account acme --user ada --ttl 30d --device os=ios",
            "POST /v1/sessions",
            [
                "account": "acme", "user": "ada", "ttl_seconds": 2_592_000,
                "device": ["os": "ios"],
            ]
        ),
        ("sessions list --account acme", "GET /v1/accounts/acme/sessions", nil),
        ("sessions revoke ses_1 --reason lost", "DELETE /v1/sessions/ses_1?reason=lost", nil),
        (
            "sessions revoke --account acme --user ada",
            "DELETE /v1/accounts/acme/users/ada/sessions", nil
        ),
        ("sessions revoke --account acme", "DELETE /v1/accounts/acme/sessions", nil),
        (
            "keys create --name gw --scope check --scope usage --expires 2027-01-01T00:00:00Z",
            "POST /v1/keys",
            [
                "name": "gw", "scopes": ["check", "usage"],
                "expires_at": "2027-01-01T00:00:00.000Z",
            ]
        ),
        ("keys list", "GET /v1/keys", nil),
        ("keys rotate key_1", "POST /v1/keys/key_1/rotate", nil),
        ("keys revoke key_1", "DELETE /v1/keys/key_1", nil),
        ("audit changes --account acme", "GET /v1/accounts/acme/changes", nil),
        ("webhooks list --state dead", "GET /v1/webhooks/events?state=dead", nil),
    ]

    @Test(arguments: subscriptions + grants + usage + others + earlier)
    func `makes the call that its options say`(row: Row) throws {
        let request = try request(row.line)
        #expect("\(request.method) \(request.target)" == row.call)
        #expect(body(request) == row.body)
    }

    @Test func `sets every field of a subscription`() throws {
        let times = [
            "starts-at", "trial-start", "trial-end", "cancel-at", "ended-at", "past-due-since",
            "paused-from", "paused-until", "period-start", "period-end", "period-anchor",
            "change-at", "change-quantity-at",
        ]
        let line =
            "subscriptions set sub_1 --account acme --plan pro --status trialing --quantity 2 "
            + "--plan-version 3 --payment-method --trial-at-end pause --period-every month "
            + "--period-count 3 --change-plan free --change-version 1 --change-quantity 1 "
            + times.map { "--\($0) 2027-01-01T00:00:00Z" }.joined(separator: " ")
        let request = try request(line)
        let time: JSON = "2027-01-01T00:00:00.000Z"
        var expected: [String: JSON] = [
            "plan": "pro", "status": "trialing", "quantity": 2, "version": 3,
            "payment_method": true, "trial_at_end": "pause", "period_every": "month",
            "period_count": 3, "change": ["plan": "free", "version": 1, "at": time],
            "quantity_change": ["quantity": 1, "at": time],
        ]
        for name in times where !name.hasPrefix("change") {
            expected[name.replacing("-", with: "_")] = time
        }
        #expect(
            "\(request.method) \(request.target)" == "PUT /v1/accounts/acme/subscriptions/sub_1"
        )
        #expect(body(request) == .object(expected))
    }

    @Test func `leaves a field that nobody named to the service`() throws {
        let request = try request("subscriptions put sub_1 --account acme --plan pro")
        #expect(body(request) == ["plan": "pro"])
    }

    @Test(arguments: [
        "levels add storage 5 --account acme", "levels set storage 5 --account acme",
        "grants add sso --account acme --reason gift",
        "subscriptions extend-trial sub_1 --account acme --days 1",
    ])
    func `can be named, so that a repetition does nothing`(line: String) throws {
        #expect(try request(line).headers.isEmpty)
        let headers = try request(line + " --idempotency-key job-7").headers
        #expect(headers.map(\.name) == ["Idempotency-Key"])
        #expect(headers.map(\.value) == ["job-7"])
    }

    @Test(arguments: [
        ("clock advance 14 --account a", "'<span>': write a number and a unit"),
        ("clock set 14d --account a", "'<time>': write RFC 3339, such as 2026-12-01T00:00:00Z"),
        ("grants add sso --account a --reason b --for 14x", "'--for <span>': write a number"),
        ("grants add sso --account a --reason b --to 1.5d", "'--to <time>': write RFC 3339"),
        ("grants add sso --account a --reason b --to 1d --for 1d", "either --to or --for"),
        ("grants add sso --account a --reason b --limit -1", "--limit"),
        ("grants add sso --account a --reason b --limit 1 --deny", "--deny goes without"),
        ("grants add sso --account a --reason b --limit 1 --value 1", "--value or --limit"),
        ("grants end sub_1", "'sub_1' is no grant"),
        ("grants end \(grant.dropLast(5))", "is no grant"),
        ("subscriptions cancel s --account a --at soon", "'--at <when>': write now, period-end"),
        ("subscriptions change s --account a", "--plan, --quantity or both"),
        ("subscriptions change s --account a --quantity 1 --plan-version 2", "with --plan."),
        ("subscriptions extend-trial s --account a", "either --to or --days"),
        ("subscriptions extend-trial s --account a --to 14d", "'--to <time>': write RFC 3339"),
        ("subscriptions put s --account a --plan p --change-plan q", "--change-at go together"),
        ("subscriptions put s --account a --plan p --change-version 2", "with --change-plan"),
        ("subscriptions put s --account a --plan p --change-quantity 2", "-at go together"),
        ("accounts block a --reason r --until never", "'--until <time>': write RFC 3339"),
        ("levels add storage 5 -6 --account a", "Name one amount"),
    ])
    func `says which option is wrong, and its form`(line: String, part: String) throws {
        let error = try #require(throws: (any Error).self) { try request(line) }
        #expect(Usher.message(for: error).contains(part))
    }
}
