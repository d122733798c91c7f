import Entitlements
import Testing

@testable import usher

@Suite struct `An explanation` {
    private static func decision(_ reason: String, allowed: Bool = false) -> [String: JSON] {
        [
            "session": "ses_1", "account": "acme", "feature": "sso", "type": "boolean",
            "allowed": .bool(allowed), "reason": .string(reason), "source": .null, "value": .null,
            "limit": .null, "resets_at": .null, "valid_until": .null,
        ]
    }

    private static let pro: JSON = [
        "plan": "pro", "kind": "plan", "current_version": 3,
        "versions": [
            ["version": 2, "entitlements": [:], "trial": .null, "grace_days": 7],
            [
                "version": 3, "trial": ["days": 14, "then": "free"], "grace_days": 10,
                "entitlements": ["sso": ["value": true, "limit": .null, "settings": [:]]],
            ],
        ],
    ]

    private static func subscription(_ status: String, _ times: [String: JSON] = [:]) -> JSON {
        .object(
            ["id": "sub_1", "plan": "pro", "status": .string(status)].merging(times) { $1 }
        )
    }

    private static let time: JSON = "2026-12-01T00:00:00.000Z"

    @Test(arguments: [
        ("session_unknown", "there is no session of this id."),
        ("account_blocked", "account acme is blocked since 2026-12-01 00:00:00 UTC: fraud."),
        ("feature_disabled", "sso is switched off for everybody since 2026-12-01 00:00:00 UTC."),
        ("session_revoked", "the session was revoked at 2026-12-01 00:00:00 UTC: lost."),
        ("session_expired", "the session expired at 2026-12-01 00:00:00 UTC."),
        ("not_in_plan", "nothing that acme has includes it."),
        ("something_new", "the service gives the reason something_new."),
    ])
    func `says what a denial without a subscription rests on`(reason: String, because: String) {
        let evidence = Evidence(
            session: [
                "revoked_at": Self.time, "revoked_reason": "lost", "expires_at": Self.time,
            ],
            account: ["blocked": ["since": Self.time, "reason": "fraud"]],
            feature: ["disabled_at": Self.time]
        )
        let explanation = Explanation(of: .object(Self.decision(reason)), evidence: evidence)
        #expect(explanation.because == [because])
        #expect(explanation.verdict == "this session of account acme may not use sso.")
    }

    @Test(arguments: [
        (
            "trial_ended", "trialing",
            "the trial sub_1 to plan pro ended at 2026-12-01 00:00:00 UTC."
        ),
        ("subscription_ended", "canceled", "sub_1 to plan pro ended at 2026-12-01 00:00:00 UTC."),
        (
            "payment_failed", "unpaid",
            "a payment for sub_1 to plan pro is owed since 2026-12-01 00:00:00 UTC, "
                + "and it is unpaid."
        ),
    ])
    func `names the subscription that ended`(reason: String, status: String, because: String) {
        let times = ["trial_end": Self.time, "ended_at": Self.time, "past_due_since": Self.time]
        let evidence = Evidence(subscriptions: [Self.subscription(status, times)])
        let explanation = Explanation(of: .object(Self.decision(reason)), evidence: evidence)
        #expect(explanation.because == [because])
    }

    @Test(arguments: [
        ("plan", "active", ["the plan pro v3 includes it, and sub_1 to it is active."]),
        (
            "trial", "trialing",
            [
                "the plan pro v3 includes it, and sub_1 is a trial of it "
                    + "until 2026-12-01 00:00:00 UTC."
            ]
        ),
        (
            "past_due_grace", "past_due",
            [
                "the plan pro v3 includes it.",
                "a payment for sub_1 is owed since 2026-12-01 00:00:00 UTC; "
                    + "the plan waits 10 days before it closes.",
            ]
        ),
    ])
    func `names the subscription that opens`(reason: String, status: String, because: [String]) {
        var decision = Self.decision(reason, allowed: true)
        decision["source"] = ["kind": "plan", "id": "pro", "version": 3]
        let times = ["trial_end": Self.time, "past_due_since": Self.time]
        let evidence = Evidence(
            subscriptions: [Self.subscription(status, times)],
            plans: [Self.pro]
        )
        #expect(Explanation(of: .object(decision), evidence: evidence).because == because)
    }

    @Test func `says what ends when the answer does`() {
        var decision = Self.decision("trial", allowed: true)
        decision["valid_until"] = Self.time
        let evidence = Evidence(subscriptions: [
            Self.subscription("trialing", ["trial_end": Self.time])
        ])
        let holds = Explanation(of: .object(decision), evidence: evidence).holds
        let end = "2026-12-01 00:00:00 UTC, when the trial of sub_1 ends"
        #expect(holds == "\(end), if nothing changes before.")
    }

    @Test func `offers the plans whose current version opens the feature`() {
        var closed = Self.pro
        if case .object(var members) = closed {
            members["plan"] = "old"
            members["current_version"] = 2
            closed = .object(members)
        }
        let explanation = Explanation(
            of: .object(Self.decision("not_in_plan")),
            evidence: Evidence(plans: [closed, Self.pro])
        )
        let command = "usher subscriptions put sub_… --account acme --plan pro"
        #expect(explanation.changes == ["plan pro includes it: \(command)"])
    }

    @Test func `does not guess where the key sees no catalog`() {
        let explanation = Explanation(
            of: .object(Self.decision("not_in_plan")),
            evidence: Evidence(hidden: ["the key may not see /v1/catalog"])
        )
        #expect(explanation.changes == ["a subscription to a plan or add-on that includes it."])
    }
}
