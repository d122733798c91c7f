import Testing

@testable import Entitlements

@Suite struct `A name` {
    @Test(arguments: [
        "a", "Z9", "_", "acme.com", "org:acme-1_x", String(repeating: "x", count: 128),
    ])
    func `is letters, digits and a few marks`(name: String) {
        #expect(Name.isValid(name))
        #expect(Name.isValid(name[...]))
    }

    @Test(arguments: [
        "", " ", "a b", "a/b", "é", "a\u{301}", "a\n", "а", "a\u{0}", "a,b", "$", "a@b",
        String(repeating: "x", count: 129),
    ])
    func `is nothing else`(name: String) {
        #expect(!Name.isValid(name))
        #expect(!Name.isValid(name[...]))
    }
}

@Suite struct `A session id` {
    @Test func `carries its account and 130 random bits`() {
        var random = Seeded(seed: 4)
        let id = SessionID.make(account: "acme_1", random: &random)
        #expect(id.utf8.count == 4 + 26 + 1 + 6)
        #expect(SessionID.account(of: id) == "acme_1")
    }

    @Test func `uses every digit in every place, and never repeats`() {
        var random = Seeded(seed: 5)
        let ids = (0..<2_000).map { _ in SessionID.make(account: "a", random: &random) }
        #expect(Set(ids).count == ids.count)
        for place in 4..<30 {
            #expect(Set(ids.map { Array($0.utf8)[place] }).count == 32)
        }
        #expect(ids.allSatisfy { SessionID.account(of: $0) == "a" })
    }

    static let random = "0123456789abcdefghjkmnpqrs"

    @Test(arguments: [
        "", "ses_", "ses_\(random)", "ses_\(random)_", "sess_\(random)_acme", "ses-\(random)_acme",
        "SES_\(random)_acme", "ses_\(random)-acme", "ses_\(random)x_acme",
        "ses_\(random.dropLast())_acme", "ses_\(random.dropLast())i_acme",
        "ses_\(random.dropLast())l_acme", "ses_\(random.dropLast())o_acme",
        "ses_\(random.dropLast())u_acme", "ses_\(random.dropLast())A_acme", "ses_\(random)_a b",
        "ses_\(random)_\u{301}acme", "ses_\(random.dropLast())é_acme", " ses_\(random)_acme",
        "ses_\(random)_\(String(repeating: "x", count: 129))",
    ])
    func `of another shape is none`(id: String) {
        #expect(SessionID.account(of: id) == nil)
    }

    @Test(arguments: ["acme", "_", "a_b", String(repeating: "x", count: 128)])
    func `may have any name as its account`(account: String) {
        #expect(SessionID.account(of: "ses_\(Self.random)_\(account)") == account[...])
    }
}
