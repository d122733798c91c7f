import Testing

/// Each row is one mistake: what is written instead of what, and where the problem points.
struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let old: String
    let new: String
    let line: Int?
    let field: String
    let says: String

    init(_ old: String, _ new: String, line: Int?, _ field: String, says: String) {
        testDescription = "\(old) → \(new)"
        self.old = old
        self.new = new
        self.line = line
        self.field = field
        self.says = says
    }
}

extension Mistake {
    static let inFeatures = [
        Mistake("features:", "feature:", line: 1, "", says: "`features` is missing"),
        Mistake(
            "type: seats",
            "tpye: seats",
            line: 9,
            "features.seats.tpye",
            says: "did you mean `type`?"
        ),
        Mistake(
            "type: seats",
            "type: seat",
            line: 9,
            "features.seats.type",
            says: "did you mean `seats`?"
        ),
        Mistake("type: seats", "type: 5", line: 9, "features.seats.type", says: "not a word"),
        Mistake("{ type: seats }", "seats", line: 9, "features.seats", says: "not a mapping"),
        Mistake("value: integer", "unit: day", line: 3, "features.days", says: "must say the type"),
        Mistake("value: integer", "value: int", line: 3, "features.days.value", says: "`integer`"),
        Mistake(
            "type: seats",
            "type: seats, value: integer",
            line: 9,
            "features.seats.value",
            says: "only config"
        ),
        Mistake(
            "type: seats",
            "type: seats, combine: any",
            line: 9,
            "features.seats.combine",
            says: "`sum`"
        ),
        Mistake(
            "value: string",
            "value: string, combine: max",
            line: 5,
            "features.tone.combine",
            says: "`first`"
        ),
        Mistake(
            "type: boolean",
            "type: boolean, combine: sum",
            line: 2,
            "features.sso.combine",
            says: "`any`"
        ),
        Mistake(
            "type: boolean",
            "type: boolean, unit: x",
            line: 2,
            "features.sso.unit",
            says: "no unit"
        ),
        Mistake("name: Single sign-on", "name: 5", line: 2, "features.sso.name", says: "quotes"),
        Mistake("seats:", "se ats:", line: 9, "features.se ats", says: "not a name"),
    ]

    static let inPlan = [
        Mistake("plan: pro", "plam: pro", line: 1, "plam", says: "did you mean `plan`?"),
        Mistake("plan: pro", "name: x", line: nil, "", says: "stands twice"),
        Mistake("plan: pro", "plan: p/ro", line: 1, "plan", says: "not a name"),
        Mistake("plan: pro", "plan: 5", line: 1, "plan", says: "quotes"),
        Mistake("name: Pro", "addon: pro", line: 1, "", says: "both plan and add-on"),
        Mistake("name: Pro", "name: [a]", line: 2, "name", says: "a list, not text"),
        Mistake("name: Pro", "default: yes", line: 2, "default", says: "write true or false"),
        Mistake(
            "name: Pro",
            "default: true",
            line: 2,
            "default",
            says: "`free` is the default already"
        ),
        Mistake("days: 14", "day: 14", line: 4, "trial.day", says: "did you mean `days`?"),
        Mistake("days: 14", "days: 0", line: 4, "trial.days", says: "from 1 to 730"),
        Mistake("days: 14", "days: 14.5", line: 4, "trial.days", says: "not a whole number"),
        Mistake("{ days: 14, then: free }", "14", line: 4, "trial", says: "not a mapping"),
        Mistake("then: free", "then: fre", line: 4, "trial.then", says: "did you mean `free`?"),
        Mistake("then: free", "then: extra", line: 4, "trial.then", says: "is an add-on"),
        Mistake("then: free", "then: pro", line: 4, "trial.then", says: "it is of"),
        Mistake(
            "then: free",
            "then: free, at_end: stop",
            line: 4,
            "trial.at_end",
            says: "`cancel`, `pause`, `fallback`"
        ),
        Mistake(
            "then: free",
            "at_end: fallback",
            line: 4,
            "trial.at_end",
            says: "add `then: free`"
        ),
        Mistake("name: Pro", "family: te am", line: 2, "family", says: "not a name"),
        Mistake("name: Pro", "family: [a]", line: 2, "family", says: "a list, not text"),
        Mistake(
            "grace: { days: 3 }",
            "grace: { days: 91 }",
            line: 5,
            "grace.days",
            says: "from 0 to 90"
        ),
        Mistake("grace: { days: 3 }", "grace: {}", line: 5, "grace", says: "`days` is missing"),
        Mistake("sso: true", "soo: true", line: 7, "entitlements.soo", says: "did you mean `sso`?"),
        Mistake("sso: true", "zebra: true", line: 7, "entitlements.zebra", says: "features.yaml"),
        Mistake("sso: true", "sso: yes", line: 7, "entitlements.sso", says: "the text `yes`"),
        Mistake(
            "sso: true",
            "sso: { limit: 5 }",
            line: 7,
            "entitlements.sso",
            says: "boolean feature"
        ),
        Mistake("days: 90", "days: \"90\"", line: 8, "entitlements.days", says: "an integer"),
        Mistake("days: 90", "days: 90.5", line: 8, "entitlements.days", says: "an integer"),
        Mistake("ratio: 2.0", "ratio: x", line: 9, "entitlements.ratio", says: "a number"),
        Mistake("tone: warm", "tone: 5", line: 10, "entitlements.tone", says: "quotes"),
        Mistake("brand: false", "brand: 0", line: 11, "entitlements.brand", says: "a boolean"),
        Mistake(
            "limit: 50,",
            "limit: -1,",
            line: 13,
            "entitlements.disk.limit",
            says: "not a limit"
        ),
        Mistake(
            "limit: 50,",
            "limit: 1.5,",
            line: 13,
            "entitlements.disk.limit",
            says: "not a limit"
        ),
        Mistake(
            "limit: 50,",
            "limit: \"50\",",
            line: 13,
            "entitlements.disk.limit",
            says: "not a limit"
        ),
        Mistake(
            "limit: 50,",
            "limit: 9007199254740992,",
            line: 13,
            "entitlements.disk.limit",
            says: "not a limit"
        ),
        Mistake("limit: 50, ", "", line: 13, "entitlements.disk", says: "`limit` is missing"),
        Mistake("limit: 50,", "limit: ,", line: 13, "entitlements.disk.limit", says: "is empty"),
        Mistake(
            "seats: { limit: unlimited }",
            "seats: 5",
            line: 14,
            "entitlements.seats",
            says: "{ limit: 100 }"
        ),
        Mistake(
            "seats: { limit: unlimited }",
            "seats: { limit: 5, per: day }",
            line: 14,
            "entitlements.seats.per",
            says: "unknown key"
        ),
        Mistake("per: month, ", "", line: 12, "entitlements.calls", says: "`per` is missing"),
        Mistake("per: month", "per: second", line: 12, "entitlements.calls.per", says: "`month`"),
        Mistake("per: second", "per: month", line: 15, "entitlements.search.per", says: "`minute`"),
        Mistake(
            "reset: billing",
            "reset: bililng",
            line: 12,
            "entitlements.calls.reset",
            says: "`billing`"
        ),
        Mistake(
            "reset: billing",
            "reset: never",
            line: 12,
            "entitlements.calls.per",
            says: "never resets"
        ),
        Mistake(
            "overage: deny",
            "overage: denied",
            line: 12,
            "entitlements.calls.overage",
            says: "`deny`"
        ),
        Mistake(
            "on_change: carry",
            "on_change: keep",
            line: 12,
            "entitlements.calls.on_change",
            says: "`carry`"
        ),
        Mistake(
            "alerts: [80, 100]",
            "alerts: [100, 80]",
            line: 12,
            "entitlements.calls.alerts",
            says: "ascending"
        ),
        Mistake(
            "alerts: [80, 100]",
            "alerts: [80, 80]",
            line: 12,
            "entitlements.calls.alerts",
            says: "ascending"
        ),
        Mistake(
            "alerts: [80, 100]",
            "alerts: 80",
            line: 12,
            "entitlements.calls.alerts",
            says: "ascending"
        ),
        Mistake(
            "alerts: [80, 100]",
            "alerts: [0]",
            line: 12,
            "entitlements.calls.alerts",
            says: "ascending"
        ),
        Mistake(
            "alerts: [80, 100]",
            "alerts: [x]",
            line: 12,
            "entitlements.calls.alerts",
            says: "ascending"
        ),
        Mistake("burst: 40", "burst: 0", line: 15, "entitlements.search.burst", says: "from 1"),
        Mistake(
            "burst: 40",
            "brust: 40",
            line: 15,
            "entitlements.search.brust",
            says: "did you mean `burst`?"
        ),
        Mistake(
            "entitlements:",
            "entitlement:",
            line: 6,
            "entitlement",
            says: "did you mean `entitlements`?"
        ),
        Mistake(
            "[price_month, price_year]",
            "price_month",
            line: 17,
            "billing.stripe",
            says: "not a list"
        ),
        Mistake("price_year", "5", line: 17, "billing.stripe", says: "quotes"),
        Mistake(
            "price_year",
            "price_month",
            line: 17,
            "billing.stripe",
            says: "belongs to `pro` already"
        ),
        Mistake("sso: true", "sso: [", line: nil, "", says: "not YAML"),
        Mistake("sso: true", "sso: true\n  sso: false", line: nil, "", says: "`sso` stands twice"),
        Mistake("plan: pro", "--- {}\n---\nplan: pro", line: 2, "", says: "not YAML"),
    ]

    static let inAddon = [
        Mistake(
            "addon: extra",
            "addon: extra\ndefault: true",
            line: 2,
            "default",
            says: "make a plan the default"
        ),
        Mistake("days: 7", "days: 7, then: free", line: 2, "trial.then", says: "remove `then`"),
        Mistake("per: month", "per: day", line: 4, "entitlements.calls", says: "another window"),
    ]
}
