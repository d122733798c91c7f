import Entitlements
import Foundation
import TestSupport
import Testing

@testable import API

/// The front answers plain checks and hands all others to the ordinary pipeline: nobody may be able
/// to tell which of them answered.
@Suite(.database, .timeLimit(.minutes(2))) struct `A check, hot and cold,` {
    /// A body that is sent twice, once as the front likes it and once so that it lets it pass.
    struct Question: Sendable, CustomTestStringConvertible {
        let path: String
        let body: String
        var key: Key = .good

        enum Key: Sendable { case good, none, unknown, unscoped }

        var testDescription: String { "\(path) \(body.prefix(60)) \(key)" }
    }

    private static let check = "/v1/check"
    private static let batch = "/v1/check/batch"

    /// `SESSION` stands for a live session's id, `GONE` for one that was revoked.
    private static let questions: [Question] =
        Samples.features.flatMap { feature in
            ["SESSION", "GONE"]
                .map { session in
                    Question(
                        path: check,
                        body: #"{"session":"\#(session)","feature":"\#(feature)"}"#
                    )
                }
        } + texts.map { Question(path: $0.0, body: $0.1) }
        + contexts.flatMap { body in
            ["size", "none"].map { Question(path: "/ofrep/v1/evaluate/flags/\($0)", body: body) }
        }
        + [.none, .unknown, .unscoped]
        .flatMap { (key: Question.Key) in
            [
                Question(path: check, body: #"{"session":"SESSION","feature":"sso"}"#, key: key),
                Question(path: check, body: "{", key: key),
                Question(path: "/ofrep/v1/evaluate/flags/size", body: "{", key: key),
                Question(path: batch, body: #"{"session":"SESSION","features":[]}"#, key: key),
            ]
        }

    private static let contexts = [
        "", "{}", "{", "[]", #"{"context":{"targetingKey":"SESSION"}}"#,
        #"{"context":{"targetingKey":"GONE"}}"#, #"{"context":{"targetingKey":"bob"}}"#,
        #"{"context":{"targetingKey":7}}"#, #"{"context":[]}"#, #"{"context":{"session":"x"}}"#,
        #"{"context":{"session":7}}"#,
    ]

    private static func many(_ count: Int) -> String {
        let names = Array(repeating: #""sso""#, count: count).joined(separator: ",")
        return #"{"session":"SESSION","features":[\#(names)]}"#
    }

    private static let texts: [(String, String)] = [
        (check, #"{"session":"","feature":"sso"}"#),
        (check, #"{"session":"ses_none","feature":"sso"}"#),
        (check, #"{"session":"quote \" and \u00e9 \ud83c\udfab","feature":"sso"}"#),
        (check, #"{"session":"\#(String(repeating: "x", count: 500))","feature":"sso"}"#),
        (check, #"{"session":"ses_00000000000000000000000000_acme","feature":"sso"}"#),
        (check, #"  {"feature" : "sso", "session":"SESSION" , "context":{"ip":"::1"} }  "#),
        (check, #"{"session":"SESSION","feature":"sso","context":null}"#),
        (check, #"{"session":"SESSION","feature":"sso","context":[]}"#),
        (check, #"{"session":"SESSION","feature":"no_such"}"#),
        (check, #"{"session":"SESSION","feature":"not a name"}"#),
        (check, #"{"session":"SESSION","feature":7}"#),
        (check, #"{"session":"SESSION"}"#), (check, #"{"feature":"sso"}"#),
        (check, #"{"session":null,"feature":"sso"}"#),
        (check, #"{"session":"SESSION","feature":"sso","at":"2026-01-01T00:00:00Z"}"#),
        (check, #"{"session":"SESSION","session":"SESSION","feature":"sso"}"#),
        (check, "[]"), (check, "7"), (check, ""), (check, "nonsense"),
        (check, #"{"session":"SESSION","features":["sso"]}"#),
        (batch, #"{"session":"SESSION","features":["sso","seats","no_such","sso"]}"#),
        (batch, #"{"session":"ses_none","features":["sso","no_such"]}"#),
        (batch, #"{"session":"SESSION","features":[]}"#),
        (batch, #"{"session":"SESSION","features":"sso"}"#),
        (batch, #"{"session":"SESSION","features":["sso",7]}"#),
        (batch, #"{"session":"SESSION","features":["sso","not a name"]}"#),
        (batch, #"{"session":"SESSION","feature":"sso"}"#),
        (batch, many(256)), (batch, many(257)),
    ]

    @Test func `gets the same answer, byte by byte`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            let gone = try await live.signIn()
            _ = try await live.send("DELETE", "/v1/sessions/\(gone)")
            let flag: JSON = [
                "state": "ENABLED", "variants": ["a": 1.5, "b": 2.0], "defaultVariant": "a",
                "targeting": ["fractional": [["a", 50], ["b", 50]]],
            ]
            #expect(try await live.send("PUT", "/v1/flags/size", flag).status == 201)
            let keys: [Question.Key: String] = [
                .good: try await live.key("check"), .unknown: "uk_nobody",
                .unscoped: try await live.key("billing"),
            ]
            try await RawClient.connected(to: live.port) { hot in
                for question in Self.questions {
                    var request = RawRequest("POST", question.path).with(key: keys[question.key])
                    let body = question.body.replacing("SESSION", with: session)
                        .replacing("GONE", with: gone)
                    request.body = Array(body.utf8)
                    request.headers = [("X-Request-Id", "one-and-the-same")]
                    let route = question.path.hasPrefix("/ofrep") ? OFREP.single : "/v1/check"
                    let before = live.coldAnswers(to: route)
                    let hotAnswer = try await hot.send(request)
                    #expect(
                        live.coldAnswers(to: route) == before,
                        "the front took \(question)"
                    )
                    let coldAnswer = try await live.send(request.cold)
                    #expect(
                        live.coldAnswers(to: route) == before + 1,
                        "the front let pass \(question)"
                    )
                    Self.expectSame(hotAnswer, coldAnswer, question)
                }
            }
        }
    }

    private static func expectSame(_ hot: RawAnswer, _ cold: RawAnswer, _ question: Question) {
        #expect(hot.status == cold.status, "\(question)")
        #expect(timeless(hot.text) == timeless(cold.text), "\(question)")
        let others: Set = ["date", "content-length", "server"]
        for (name, value) in cold.headers where !others.contains(name) {
            #expect(hot.headers[name] == value, "\(name) of \(question)")
        }
    }

    private static func timeless(_ text: String) -> String {
        text.replacing(/"evaluated_at":"[^"]*"/, with: "\"evaluated_at\":0")
    }

    @Test func `is decided one after the other on one connection, whoever answers`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            try await RawClient.connected(to: live.port) { client in
                let plain = RawRequest(
                    "POST",
                    Self.check,
                    ["session": .string(session), "feature": "sso"]
                )
                let upgrade = RawRequest(
                    "PUT",
                    "/v1/accounts/acme/subscriptions/main",
                    ["plan": "pro"]
                )
                let before = try await client.send(plain)
                #expect(before.json["allowed"] == false)
                let upgraded = try await client.send(upgrade)
                #expect(upgraded.status < 300)
                let after = try await client.send(plain)
                #expect(after.json["allowed"] == true)
            }
        }
    }
}

extension Live {
    /// Answers of the ordinary pipeline to what begins so.
    func coldAnswers(to path: String) -> Int {
        edge.figures.filter { $0.key.route.hasPrefix(path) }.values.reduce(0, +)
    }
}

extension RawRequest {
    /// The same with a header that means nothing, but that the front hands over.
    var cold: RawRequest { with("Content-Encoding", "identity") }
}
