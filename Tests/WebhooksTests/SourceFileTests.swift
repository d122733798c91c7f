import Testing

@testable import Webhooks

@Suite struct `A source's file` {
    func problems(file: String = "webhooks/stripe.yaml", _ yaml: String) -> [SourceProblem] {
        do throws(SourceProblems) {
            _ = try SourceDefinition.parse(file: file, yaml: yaml)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func `for Stripe is as it should be`() throws {
        let yaml = try Fixture.text("stripe.yaml")
        #expect(problems(yaml).map(\.description) == [])
        let definition = try SourceDefinition.parse(file: "webhooks/stripe.yaml", yaml: yaml)
        #expect(definition.name == "stripe")
        #expect(definition.livemode == nil)
        #expect(!definition.isWeak)
    }

    /// One line of the shipped file is changed; the problem names that line and the field.
    @Test(arguments: [
        ("source: stripe", "source: Stripe", "source"),
        ("source: stripe", "source: paddle", "source"),
        ("encoding: hex", "encoding: hexx", "auth.encoding"),
        ("scheme: hmac", "scheme: rsa", "auth.scheme"),
        ("key: utf8", "key: utf16", "auth.key"),
        ("kind: kv", "kind: csv", "auth.format.kind"),
        (#"separator: ",""#, #"separator: "=""#, "auth.format.separator"),
        ("timestamp_unit: s", "timestamp_unit: h", "auth.timestamp_unit"),
        ("header: Stripe-Signature", "header: Stripe Signature", "auth.header"),
        (#"signed: "{ts}.{body}""#, #"signed: "{ts}.{data}""#, "auth.signed"),
        (#"signed: "{ts}.{body}""#, #"signed: "{body}""#, "auth.signed"),
        (#"signed: "{ts}.{body}""#, #"signed: "{ts}""#, "auth.signed"),
        ("secrets: $USHER", "secrets: whsec_USHER", "secrets"),
        ("api_key: $USHER_STRIPE_API_KEY", "api_key: rk_live_1", "api_key"),
        ("default: https://api.stripe.com", "default: api.stripe.com", "base.default"),
        ("alias: /snapshot_event", "alias: snapshot_event", "event[1].alias"),
        ("alias: /snapshot_event", "alias: /a~2", "event[1].alias"),
        (
            "look: { subscription: /related_object/id }", "look: { plan: /a }",
            "subjects[1].look.plan"
        ),
        ("types: charge.*", "types: cha*ge.*", "subjects[9].types"),
        ("ignore: nothing was bought", "skip: nothing", "subjects[3].skip"),
        ("auth: bearer", "auth: digest", "callback.auth"),
        (
            "{id}?expand%5B%5D=customer\", gives: subscription }", "x\", gives: subscription }",
            "callback.fetch.subscription[0].path"
        ),
        ("gives: customer }", "gives: client }", "callback.fetch.customer[0].gives"),
        ("gone: [404]", "gone: [200]", "callback.gone[0]"),
        ("Accept: application/json", "Authorization: Bearer x", "callback.headers"),
        ("customer: [/customer/id, /customer]", "customer: []", "map.customer"),
        ("time_unit: s\n  starts_at", "time_unit: d\n  starts_at", "map.time_unit"),
        ("unpaid: unpaid", "unpaid: denied", "status.words.unpaid"),
        ("unpaid: unpaid", "unpaid: { as: active, until: tomorrow }", "status.words.unpaid.until"),
        ("gives: customer }", "gives: items }", "callback.fetch.customer[0].gives"),
        ("gives: customer }", "gives: schedule }", "callback.fetch.customer[0].gives"),
        ("subscription_schedules/{id}", "subscription_schedules/x", "callback.schedule"),
        ("- /default_payment_method\n", "- default_payment_method\n", "map.payment_method.at[0]"),
        ("is: send_invoice", "equals: send_invoice", "map.payment_method.or.equals"),
        ("or: { at: /collection_method", "unless: { at: /x", "map.payment_method.unless"),
        ("{ cancel: cancel, pause", "{ cancel: end, pause", "map.trial_at_end.words.cancel"),
        ("words: { cancel: cancel, pause: pause", "word: { pause: pause", "map.trial_at_end.word"),
        ("paused_until: /pause", "paused_until: pause", "map.paused_until"),
        ("at: /schedule\n", "at: schedule\n", "map.schedule.at"),
        ("current_end: /current", "current_end: current", "map.schedule.current_end"),
        ("ends_at: /end_date", "until: /end_date", "map.schedule.phases.until"),
        ("list: /phases", "list: phases", "map.schedule.phases.list"),
        (
            "starts_at: /start_date\n      ends", "starts_at: 1\n      ends",
            "map.schedule.phases.starts_at"
        ),
        (
            "prices: [/price/id, /price/lookup_key, /price/product, /price,", "prices: [price,",
            "map.schedule.phases.items.prices[0]"
        ),
        ("paused_collection: active", "paused_collection: keep", "status.paused_collection"),
    ])
    func `names line, field and remedy of a mistake`(
        old: String,
        new: String,
        field: String
    ) throws {
        let good = try Fixture.text("stripe.yaml")
        let start = try #require(good.firstRange(of: old)?.lowerBound)
        let line = good[..<start].count { $0 == "\n" } + 1
        let bad = good[..<start] + new + good[start...].dropFirst(old.count)
        let problem = try #require(problems(String(bad)).first { $0.field == field })
        #expect(problem.line == line)
        #expect(problem.file == "webhooks/stripe.yaml")
        #expect(!problem.message.isEmpty && !problem.remedy.isEmpty)
    }

    @Test(arguments: [
        "source", "secrets", "base", "auth", "event", "subjects", "callback", "map", "status",
    ])
    func `needs each of its parts`(part: String) throws {
        let whole = try Fixture.text("stripe.yaml")
        let yaml = whole.replacing("\n\(part):", with: "\nx\(part):")
        let fields = problems(yaml).map(\.field)
        #expect(fields.contains(part))
        #expect(fields.contains("x\(part)"))
    }

    @Test(arguments: [
        ("current_end: /current_phase/end_date", "map.schedule.current_end"),
        ("ends_at: /end_date", "map.schedule.phases.ends_at"),
        ("      starts_at: /start_date", "map.schedule.phases.starts_at"),
        (
            "prices: [/price/id, /price/lookup_key, /price/product, /price, /plan]",
            "map.schedule.phases.items.prices"
        ),
        (
            "words: { cancel: cancel, pause: pause, create_invoice: plan }",
            "map.trial_at_end.words"
        ),
        ("at: /trial_settings/end_behavior/missing_payment_method", "map.trial_at_end.at"),
    ])
    func `needs what makes a part of it whole`(line: String, field: String) throws {
        let good = try Fixture.text("stripe.yaml")
        try #require(good.contains(line))
        let yaml = good.replacing(line, with: "")
        #expect(problems(yaml).map(\.field) == [field])
        #expect(problems(yaml).first?.message == "is missing")
    }

    @Test func `says where a schedule is named if it says where one is fetched`() throws {
        let good = try Fixture.text("stripe.yaml")
        let start = try #require(good.firstRange(of: "  schedule:\n    at:")?.lowerBound)
        let end = try #require(good.firstRange(of: "\nstatus:")?.lowerBound)
        let without = String(good[..<start] + good[end...])
        #expect(problems(without).map(\.field) == ["map.schedule"])
        let neither = without.replacing("  schedule: \"/v1", with: "  # \"/v1")
        #expect(problems(neither).isEmpty)
    }

    @Test func `tells all its mistakes at once, in the order of lines`() throws {
        let yaml = try Fixture.text("stripe.yaml")
            .replacing("encoding: hex", with: "encoding: hexx")
            .replacing("auth: bearer", with: "auth: digest")
            .replacing("unpaid: unpaid", with: "unpaid: denied")
            .replacing("secrets: $", with: "secrets: ")
        let found = problems(yaml)
        #expect(
            found.map(\.field) == [
                "secrets", "auth.encoding", "callback.auth", "status.words.unpaid",
            ]
        )
        #expect(found.map(\.line) == found.map(\.line).sorted())
    }

    @Test func `is described as an editor shows it`() {
        let problem = problems("source: stripe\nlivemode: maybe\n").first { $0.line == 2 }
        #expect(
            problem?.description
                == "webhooks/stripe.yaml:2: livemode: "
                + "is neither true nor false; write true or false"
        )
    }

    @Test(arguments: [
        ("a: [", 2), ("a: 1\nb: 2\n  c: 3\n", 3), ("", 1), ("- a\n", 1), ("just text", 1),
        ("source: a\nsource: b\n", 1), ("a: b\n---\nc: d\n", 2),
    ])
    func `is one YAML mapping`(yaml: String, line: Int) {
        #expect(problems(yaml).first?.line == line)
    }

    @Test(arguments: [
        (
            "auth: { scheme: basic }", "auth.weak"
        ),
        (
            "auth: { scheme: static_header, header: Authorization, weak: false }", "auth.weak"
        ),
        ("auth: { scheme: static_header, weak: true }", "auth.header"),
        (
            """
            auth: { scheme: hmac, weak: true, header: A, format: { kind: bare }, encoding: hex,
              signed: "{body}", key: utf8 }
            """, "auth.weak"
        ),
        (
            """
            auth: { scheme: hmac, header: A, format: { kind: bare }, encoding: hex,
              signed: "{id}.{body}", key: utf8 }
            """, "auth.id_header"
        ),
        (
            """
            auth: { scheme: hmac, header: A, format: { kind: bare }, encoding: hex,
              signed: "{ts}.{body}", key: utf8, timestamp_unit: s }
            """, "auth.signed"
        ),
        (
            """
            auth: { scheme: hmac, header: A, format: { kind: list, separator: ",", first: time },
              encoding: hex, signed: "{body}", key: utf8 }
            """, "auth.format.first"
        ),
        ("auth: []", "auth"),
    ])
    func `cannot say what contradicts itself`(auth: String, field: String) throws {
        let found = try #require(throws: SourceProblems.self) {
            try Fixture.source(auth: auth, secrets: "a:b")
        }
        #expect(found.problems.map(\.field).contains(field))
    }
}

@Suite struct `A source's settings` {
    static let b64 =
        "auth: { scheme: hmac, header: A, format: { kind: bare }, encoding: b64, "
        + "signed: \"{body}\", key: whsec_b64 }"

    @Test(arguments: [
        (`A source's settings`.b64, "whsec_not base64"),
        (`A source's settings`.b64, "whsec_AAAA"),
        (`A source's settings`.b64, "AAAA"),
        ("auth: { scheme: basic, weak: true }", "no-colon"),
        ("auth: { scheme: basic, weak: true }", "a:b\nc"),
        ("auth: { scheme: basic, weak: true }", "1:,2:,3:,4:,5:,6:,7:,8:,9:"),
    ])
    func `are refused by the variable's name when a secret is no key`(
        auth: String,
        secrets: String
    ) throws {
        let problem = try #require(throws: SettingProblem.self) {
            try Fixture.source(auth: auth, secrets: secrets)
        }
        #expect(problem.variable == "SECRETS")
        #expect(!problem.description.contains(secrets))
    }

    @Test func `keep a key out of the headers that would break them`() throws {
        let problem = try #require(throws: SettingProblem.self) {
            try Fixture.stripe(apiKey: "rk_1\r\nX-Evil: 1")
        }
        #expect(problem.variable == "USHER_STRIPE_API_KEY")
        #expect(!problem.description.contains("rk_1"))
    }

    @Test func `may be absent`() throws {
        let source = try Fixture.stripe(secrets: nil, apiKey: nil)
        #expect(!source.hasSecretConfigured)
        #expect(!source.hasAPIKey)
    }
}

@Suite struct `No secret` {
    func everythingShown(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value) \(String(reflecting: value)) \(dumped)"
    }

    @Test func `is shown by a source, a request, an exchange or an array of them`() throws {
        let source = try Fixture.stripe(secrets: "whsec_one,whsec_two")
        let requests = try source.callback(for: `A callback`.subscription)
        let exchange = try CallbackExchange(source: source, subject: `A callback`.customer)
        let shown = [
            everythingShown(source), everythingShown(requests), everythingShown(exchange),
            everythingShown([source]), everythingShown(["a": requests]),
            everythingShown(source.authenticators),
        ]
        for text in shown {
            #expect(!text.contains("whsec_one"))
            #expect(!text.contains("whsec_two"))
            #expect(!text.contains(Fixture.apiKey))
        }
        #expect(
            "\(source)"
                == "source stripe at https://api.stripe.com (secret set, API key set)"
        )
        #expect(
            requests.map(\.description)
                == [
                    "subscription: GET https://api.stripe.com/v1/subscriptions/sub_1Modern?expand%5B%5D=customer"
                ]
        )
    }
}
