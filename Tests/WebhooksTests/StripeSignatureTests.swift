import Entitlements
import Testing

@testable import Webhooks

@Suite struct `Stripe's signature` {
    static let body = Fixture.signedBody
    static let good = Fixture.signature
    static let bad = String(repeating: "ab", count: 32)
    static let signedAt = Fixture.second(1_700_000_000)

    func verdict(
        _ header: String?,
        body: [UInt8] = body,
        at now: Instant = signedAt,
        secrets: String? = Fixture.secret
    ) throws -> SignatureVerdict {
        let headers = header.map { ["Stripe-Signature": $0] } ?? [:]
        return try Fixture.stripe(secrets: secrets)
            .verify(headers: Fixture.headers(headers), body: body, now: now)
    }

    @Test func `is found genuine on the reference's vector`() throws {
        #expect(Self.body.count == 207)
        #expect(try verdict("t=1700000000,v1=\(Self.good)") == .genuine)
    }

    @Test(arguments: 0..<16)
    func `is refused when one bit of the body is flipped`(bit: Int) throws {
        var body = Self.body
        body[bit * 13 % body.count] ^= 1 << UInt8(bit % 8)
        #expect(try verdict("t=1700000000,v1=\(Self.good)", body: body) == .mismatch)
    }

    @Test func `is refused when one bit of the signature is flipped`() throws {
        let flipped = "9" + Self.good.dropFirst()
        #expect(try verdict("t=1700000000,v1=\(flipped)") == .mismatch)
    }

    @Test func `is refused when the time is another one than was signed`() throws {
        #expect(try verdict("t=1700000001,v1=\(Self.good)") == .mismatch)
    }

    @Test(arguments: [
        "whsec_wrong", "test_entitlements",
        "whsec_test_entitlement", "whsec_test_entitlements2",
    ])
    func `is refused under another secret`(secret: String) throws {
        #expect(try verdict("t=1700000000,v1=\(Self.good)", secrets: secret) == .mismatch)
    }

    @Test(arguments: [
        (skew: Duration.seconds(301), verdict: SignatureVerdict.stale(skew: .seconds(301))),
        (skew: .seconds(300), verdict: .genuine),
        (skew: .zero, verdict: .genuine),
        (skew: .seconds(-300), verdict: .genuine),
        (skew: .seconds(-301), verdict: .stale(skew: .seconds(-301))),
        (skew: .seconds(-86_400), verdict: .stale(skew: .seconds(-86_400))),
        (skew: .milliseconds(300_001), verdict: .stale(skew: .milliseconds(300_001))),
    ])
    func `may be 300 s off in both directions`(skew: Duration, verdict: SignatureVerdict) throws {
        let found = try self.verdict("t=1700000000,v1=\(Self.good)", at: Self.signedAt + skew)
        #expect(found == verdict)
    }

    @Test func `that is both old and forged is forged`() throws {
        let found = try verdict("t=1700000000,v1=\(Self.bad)", at: Self.signedAt + .seconds(900))
        #expect(found == .mismatch)
    }

    @Test(arguments: [
        "t=1700000000,v1=\(bad),v1=\(good)", "t=1700000000,v1=\(good),v1=\(bad)",
        "t=1700000000,v1=short,v1=\(good)", "t=1700000000,v0=\(bad),v1=\(good)",
        "v1=\(good),t=1700000000", "t=1700000000,v1=\(good.uppercased())",
        "t=1700000000,v1=\(good),v2=future=scheme",
    ])
    func `is found genuine if any v1 matches`(header: String) throws {
        #expect(try verdict(header) == .genuine)
    }

    @Test(arguments: [
        "whsec_new,whsec_test_entitlements", "whsec_test_entitlements,whsec_new",
        " whsec_new , whsec_test_entitlements ,", "a,b,c,d,e,f,g,whsec_test_entitlements",
    ])
    func `is tried against every secret`(secrets: String) throws {
        #expect(try verdict("t=1700000000,v1=\(Self.good)", secrets: secrets) == .genuine)
    }

    @Test(arguments: [
        (header: "t=1700000000,v0=\(good)", reason: "has no v1"),
        (header: "t=1700000000", reason: "has no v1"),
        (header: "v1=\(good)", reason: "has no t"),
        (header: "t=,v1=\(good)", reason: "the time is not in s"),
        (header: "t=-1700000000,v1=\(good)", reason: "the time is not in s"),
        (header: "t=+1700000000,v1=\(good)", reason: "the time is not in s"),
        (header: "t=1700000000.5,v1=\(good)", reason: "the time is not in s"),
        (header: "t=99999999999999999999,v1=\(good)", reason: "the time is not in s"),
        (header: "t=9223372036854775807,v1=\(good)", reason: "the time is not in s"),
        (header: "t=1700000000,t=1700000000,v1=\(good)", reason: "t is given twice"),
        (header: "t=1700000000,v1=", reason: "no signature that can be decoded"),
        (
            header: "t=1700000000,v1=zz\(good.dropFirst(2))",
            reason: "no signature that can be decoded"
        ),
        (header: "t=1700000000,v1=\(good)ab", reason: "no signature that can be decoded"),
        (header: "t=1700000000,v1=\(good.dropLast())", reason: "no signature that can be decoded"),
        (header: "t=1700000000, v1=\(good)", reason: "has no v1"),
        (header: "t=1700000000,v1=\(good),", reason: "a part is no key=value"),
        (header: "rubbish", reason: "a part is no key=value"),
        (header: "t=1700000000\r\n,v1=\(good)", reason: "Stripe-Signature is not plain text"),
        (header: "t=1700000000,v1=ü", reason: "Stripe-Signature is not plain text"),
    ])
    func `is malformed and says how`(header: String, reason: String) throws {
        #expect(try verdict(header) == .malformed(reason: reason))
    }

    @Test func `is malformed with more candidates than are read`() throws {
        let many = String(repeating: ",v1=\(Self.bad)", count: 16)
        #expect(try verdict("t=1700000000\(many)") == .mismatch)
        let found = try verdict("t=1700000000\(many),v1=\(Self.good)")
        #expect(found == .malformed(reason: "more than 16 signatures"))
    }

    @Test func `is malformed when the header stands twice`() throws {
        let header = "t=1700000000,v1=\(Self.good)"
        let found = try Fixture.stripe()
            .verify(headers: { _ in [header, header] }, body: Self.body, now: Self.signedAt)
        #expect(found == .malformed(reason: "Stripe-Signature is given twice"))
    }

    @Test(arguments: [nil, ""])
    func `can be missing`(header: String?) throws {
        #expect(try verdict(header) == .missingSignature)
    }

    @Test(arguments: [nil, "", " , "])
    func `cannot be genuine without a secret`(secrets: String?) throws {
        let found = try verdict("t=1700000000,v1=\(Self.good)", secrets: secrets)
        #expect(found == .noSecretConfigured)
    }

    /// Signatures made by localstripe, over the bodies that it sent.
    @Test(arguments: [
        (
            "customer.subscription.created",
            "d08d5c8a34d50428e39b2400639e415a6f0dc676025c27cc45e6055b36b1ac7b"
        ),
        (
            "customer.subscription.deleted",
            "684a2bbc520b8984b24d8e4410d0a43a08d242e8219c488405ea34a684e7cf7b"
        ),
        ("customer.deleted", "94a09fd1457473347682d6026ebab96481025260f5275f6442dd3455f2d61f75"),
    ])
    func `of an independent sender is found genuine`(type: String, signature: String) throws {
        let found = try verdict(
            "t=1795500184,v1=\(signature)",
            body: Fixture.payload("event.localstripe.\(type)"),
            at: Fixture.second(1_795_500_184)
        )
        #expect(found == .genuine)
    }
}
