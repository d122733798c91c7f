import Entitlements
import Testing

@testable import usher

@Suite struct `An explanation` {
    private static let time: JSON = "2026-12-01T00:00:00.000Z"
    private static let seen = "2026-12-01 00:00:00 UTC"

    private static let denial: JSON = [
        "session": "ses_1", "account": "acme", "feature": "sso", "type": "boolean",
        "allowed": false, "reason": "denied_by_grant", "value": .null, "limit": .null,
        "source": ["kind": "grant", "id": "grt_1", "version": .null], "valid_until": time,
        "explanation": [
            "considered": [
                [
                    "step": "deny_grant", "kind": "grant", "id": "grt_1", "counts": true,
                    "decides": true, "why": "in_force", "value": .null, "limit": .null,
                    "from": .null, "until": time, "detail": "It denies.",
                ],
                [
                    "step": "subscription", "kind": "plan", "id": "pro", "version": 3,
                    "subscription": "sub_1", "counts": true, "decides": false, "why": "plan",
                    "value": .null, "limit": 50, "from": time, "until": .null,
                    "detail": "It gives 50.",
                ],
                [
                    "step": "default_plan", "kind": "plan", "id": "free", "version": 1,
                    "counts": false, "decides": false, "why": "not_in_plan", "value": false,
                    "limit": .null, "detail": "It gives none.",
                ],
            ],
            "would_allow": [
                ["action": "end_grant", "grant": "grt_1", "detail": "End the grant grt_1."]
            ],
        ],
    ]

    private func lines(_ answer: JSON) -> [String] {
        Explanation(answer).lines(on: Terminal(hasColours: false))
    }

    @Test func `says the answer, what was considered and what would allow`() {
        let seen = Self.seen
        #expect(
            lines(Self.denial) == [
                "No: this session of account acme may not use sso, until \(seen) "
                    + "(denied_by_grant, grant grt_1).",
                "",
                "STEP          SOURCE                PART     WHY          GIVES  "
                    + "WHEN                           DETAIL",
                "deny_grant    grant grt_1           decides  in_force     -      "
                    + "until \(seen)  It denies.",
                "subscription  plan pro v3 by sub_1  counts   plan         50     "
                    + "since \(seen)  It gives 50.",
                "default_plan  plan free v1          -        not_in_plan  no     "
                    + "-                              It gives none.",
                "",
                "To be allowed:",
                "  End the grant grt_1.",
                "    usher grants end grt_1",
            ]
        )
    }

    @Test(
        arguments: [
            (["type": "metered", "limit": 100, "remaining": 40], "api, 40 of 100 left (plan)"),
            (["type": "metered", "limit": "unlimited"], "api, without limit (plan)"),
            (["type": "config", "value": 90], "api, with the value 90 (plan)"),
            (["type": "boolean", "value": true], "api (plan)"),
        ] as [([String: JSON], String)]
    )
    func `says how much of an open feature there is`(members: [String: JSON], words: String) {
        let decision: [String: JSON] = [
            "account": "acme", "feature": "api", "allowed": true, "reason": "plan",
        ]
        let answer = JSON.object(decision.merging(members) { $1 })
        #expect(lines(answer) == ["Yes: this session of account acme may use \(words)."])
    }

    @Test func `cannot steer the terminal`() {
        let answer: JSON = [
            "feature": "sso", "allowed": false, "reason": "\u{1B}[2J",
            "explanation": [
                "would_allow": [["action": "subscribe", "detail": "\u{1B}[2J", "plan": "\u{7}"]]
            ],
        ]
        #expect(!lines(answer).contains { $0.unicodeScalars.contains("\u{1B}") })
        #expect(!lines(answer).contains { $0.unicodeScalars.contains("\u{7}") })
    }
}

@Suite struct `A remedy` {
    @Test(
        arguments: [
            (["action": "lift_block"], "usher accounts unblock acme"),
            (["action": "end_grant", "grant": "grt_1"], "usher grants end grt_1"),
            (["action": "enable_feature"], "usher features enable sso"),
            (
                ["action": "subscribe", "plans": ["pro", "team"], "addons": []],
                "usher subscriptions put sub_… --account acme --plan pro"
            ),
            (
                ["action": "resume", "subscription": "sub_1"],
                "usher subscriptions resume sub_1 --account acme"
            ),
            (
                ["action": "assign_seat", "user": "ann"],
                "usher seats assign sso ann --account acme"
            ),
            (
                ["action": "raise_limit"],
                "usher grants add sso --account acme --limit … --reason …"
            ),
            (
                ["action": "sign_in", "user": "ann"],
                "usher sessions create --account acme --user ann"
            ),
            (["action": "end_grant"], nil), (["action": "collect_payment"], nil),
            (["action": "something_new"], nil),
        ] as [(JSON, String?)]
    )
    func `names the command that does it`(action: JSON, command: String?) {
        let decision: JSON = ["account": "acme", "feature": "sso"]
        #expect(Remedy(action, decision: decision).command == command)
    }

    @Test func `names none where the account is not known`() {
        #expect(Remedy(["action": "lift_block"], decision: ["account": .null]).command == nil)
    }
}
