import Entitlements
import Testing

@testable import Webhooks

@Suite struct `The grammar of signatures` {
    func verdict(
        _ sample: SignedSample,
        headers: [String: String]? = nil,
        body: String? = nil,
        after skew: Duration = .zero
    ) throws -> SignatureVerdict {
        try Fixture.source(auth: sample.auth, secrets: sample.secrets)
            .verify(
                headers: Fixture.headers(headers ?? sample.headers),
                body: Array((body ?? sample.body).utf8),
                now: sample.at + skew
            )
    }

    @Test(arguments: SignedSample.all)
    func `expresses each provider`(sample: SignedSample) throws {
        #expect(try verdict(sample) == .genuine)
    }

    @Test(arguments: SignedSample.all)
    func `refuses another body where the scheme protects it`(sample: SignedSample) throws {
        let source = try Fixture.source(auth: sample.auth, secrets: sample.secrets)
        let found = try verdict(sample, body: sample.body + " ")
        #expect(found == (source.definition.isWeak ? .genuine : .mismatch))
    }

    @Test(arguments: SignedSample.all.filter(\.isTimed), [Duration.seconds(301), .seconds(-301)])
    func `refuses a time too far away`(sample: SignedSample, skew: Duration) throws {
        #expect(try verdict(sample, after: skew) == .stale(skew: skew))
    }

    @Test(arguments: SignedSample.all)
    func `misses each header that it needs`(sample: SignedSample) throws {
        for name in sample.headers.keys {
            let fewer = sample.headers.filter { $0.key != name }
            #expect(try verdict(sample, headers: fewer) == .missingSignature)
        }
    }

    @Test(arguments: SignedSample.all)
    func `refuses another secret`(sample: SignedSample) throws {
        let isDecoded = sample.auth.contains("whsec_b64")
        let source = try Fixture.source(
            auth: sample.auth,
            secrets: isDecoded ? "whsec_\(String(repeating: "AAAA", count: 8))" : "a:b"
        )
        let found = source.verify(
            headers: Fixture.headers(sample.headers),
            body: Array(sample.body.utf8),
            now: sample.at
        )
        #expect(found == .mismatch)
    }

    @Test(arguments: [
        (signature: "v1a,AAAA", reason: "has no v1"),
        (signature: "v1", reason: "an entry is no version,signature"),
        (signature: "v1,", reason: "no signature that can be decoded"),
        (signature: "v1,%%%", reason: "no signature that can be decoded"),
        (signature: "v1,AAAA", reason: "no signature that can be decoded"),
    ])
    func `of Standard Webhooks is strict`(signature: String, reason: String) throws {
        #expect(try verdict(.standard(signature)) == .malformed(reason: reason))
    }

    @Test func `lets a source know several schemes`() throws {
        let auth = """
            auth:
              - { scheme: hmac, header: X-Signature, format: { kind: bare }, encoding: hex,
                  signed: "{body}", key: utf8 }
              - { scheme: basic, weak: true }
            """
        let source = try Fixture.source(auth: auth, secrets: "chargebee:pa:ss,lemon-secret")
        func verdict(_ headers: [String: String]) -> SignatureVerdict {
            source.verify(
                headers: Fixture.headers(headers),
                body: Array("{}".utf8),
                now: Fixture.start
            )
        }
        #expect(verdict(["Authorization": "Basic Y2hhcmdlYmVlOnBhOnNz"]) == .genuine)
        #expect(verdict(["Authorization": "Basic YTpi"]) == .mismatch)
        #expect(verdict([:]) == .missingSignature)
    }
}
