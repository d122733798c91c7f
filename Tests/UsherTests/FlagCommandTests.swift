import ArgumentParser
import Entitlements
import Foundation
import Testing

@testable import usher

/// What a command line would send.
private func request(_ words: [String]) throws -> APIRequest {
    let command = try Usher.parseAsRoot(words)
    if let export = command as? FlagsCommand.Export { return export.request }
    return try #require(command as? any ServiceCommand).request
}

private func body(_ request: APIRequest) -> JSON? {
    guard case .json(let json) = request.body else { return nil }
    return json
}

/// Runs a body with the path of a file of this text.
private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path)
}

private let plain = Terminal(hasColours: false)

@Suite struct `A command about flags` {
    typealias Row = (line: String, call: String, body: JSON?)

    private static let rows: [Row] = [
        ("flags list --limit 5 --cursor c", "GET /v1/flags?limit=5&cursor=c", nil),
        ("flags get f", "GET /v1/flags/f", nil),
        ("flags delete f --reason out", "DELETE /v1/flags/f?reason=out", nil),
        ("flags kill f --reason fire", "POST /v1/flags/f/kill", ["reason": "fire"]),
        ("flags kill f", "POST /v1/flags/f/kill", [:]),
        ("flags restore f --reason ok", "DELETE /v1/flags/f/kill?reason=ok", nil),
        ("flags versions f --limit 5", "GET /v1/flags/f/versions?limit=5", nil),
        ("flags revert f 3", "POST /v1/flags/f/revert", ["version": 3]),
        ("flags export", "GET /v1/flagset", nil),
        ("flags export --flagd", "GET /v1/flagset?format=flagd", nil),
        ("flags evaluate", "POST /ofrep/v1/evaluate/flags", ["context": [:]]),
        (
            "flags evaluate f --session ses_1 --context {\"a\":1.0}",
            "POST /ofrep/v1/evaluate/flags/f", ["context": ["session": "ses_1", "a": 1.0]]
        ),
    ]

    @Test(arguments: rows)
    func `makes the call that its options say`(row: Row) throws {
        let request = try request(row.line.split(separator: " ").map(String.init))
        #expect("\(request.method) \(request.target)" == row.call)
        #expect(body(request) == row.body)
    }

    @Test(
        arguments: [
            ([], nil, nil), (["--new"], "If-None-Match", "*"),
            (["--if-version", "3"], "If-Match", "\"3\""),
        ] as [([String], String?, String?)]
    )
    func `sets a flag on the version that was seen`(
        options: [String],
        name: String?,
        value: String?
    ) throws {
        try withFile(#"{"variants": {"big": 10.0}}"#) { path in
            let request = try request(["flags", "set", "f", path, "--reason", "x"] + options)
            #expect("\(request.method) \(request.target)" == "PUT /v1/flags/f?reason=x")
            #expect(body(request) == ["variants": ["big": 10.0]])
            #expect(request.headers.first?.name == name)
            #expect(request.headers.first?.value == value)
        }
    }

    @Test func `takes a document in`() throws {
        try withFile(#"{"flags": {}}"#) { path in
            let request = try request(["flags", "import", path, "--replace", "--dry-run"])
            #expect("\(request.method) \(request.target)" == "POST /v1/flagset")
            #expect(
                body(request) == ["document": ["flags": [:]], "replace": true, "dry_run": true]
            )
        }
    }

    @Test func `says where a file is no JSON`() throws {
        try withFile(#"{"flags": }"#) { path in
            let failure = #expect(throws: CommandFailure.self) {
                try request(["flags", "set", "f", path])
            }
            #expect(failure?.message.contains("is no JSON: byte 10") == true)
        }
        let failure = #expect(throws: CommandFailure.self) {
            try request(["flags", "set", "f", "/nowhere.json"])
        }
        #expect(failure?.message == "The file '/nowhere.json' cannot be read.")
    }

    @Test(arguments: [
        ("flags set f x --new --if-version 3", "either --if-version or --new"),
        ("flags get f --definition --json", "either --definition or --json"),
        ("flags evaluate f --context 5", "--context"),
        ("flags revert f", "version"),
    ])
    func `says which option is wrong`(line: String, part: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let error = try #require(throws: (any Error).self) { try request(words) }
        #expect(Usher.message(for: error).contains(part))
    }
}

@Suite struct `A flag in words` {
    private func flag(_ variants: JSON, state: JSON = "ENABLED", killed: JSON = .null) -> JSON {
        [
            "key": "f", "version": 3, "definition": ["state": state, "variants": variants],
            "killed_at": killed, "changed_at": "2026-11-24T10:00:00.000Z",
        ]
    }

    @Test(
        arguments: [
            (["a": true], "boolean"), (["a": "x"], "string"), (["a": 1], "integer"),
            (["a": 1, "b": 1.5], "float"), (["a": [:]], "object"), ([:], "-"),
        ] as [(JSON, String)]
    )
    func `has the type of its variants`(variants: JSON, type: String) {
        let lines = FlagWords.table([flag(variants)]).lines(on: plain)
        #expect(lines.last?.split(separator: " ").dropFirst().first.map(String.init) == type)
    }

    @Test func `is on, off or killed`() {
        let time: JSON = "2026-11-24T10:00:00.000Z"
        #expect(FlagWords(flag([:])).now == "flag f is on, at version 3")
        #expect(FlagWords(flag([:], state: "DISABLED")).now == "flag f is off, at version 3")
        #expect(FlagWords(flag([:], killed: time)).now == "flag f is killed, at version 3")
    }

    @Test func `answers with a value, the code's default, or an error`() {
        let lines =
            FlagWords.answers([
                ["key": "a", "value": false, "variant": "no", "reason": "STATIC", "metadata": [:]],
                ["key": "b", "variant": "", "reason": "DISABLED", "metadata": ["step": "killed"]],
                ["key": "c", "errorCode": "GENERAL", "errorDetails": "too long", "metadata": [:]],
            ])
            .lines(on: plain)
        #expect(
            lines == [
                "FLAG  VALUE         VARIANT  REASON    DETAIL",
                "a     false         no       STATIC    -",
                "b     code default  -        DISABLED  killed",
                "c     -             -        GENERAL   too long",
            ]
        )
    }

    @Test func `changes by a document, a line each`() {
        let answer: JSON = [
            "applied": false, "added": ["a"], "changed": [], "removed": ["b"],
            "shared_changed": true,
        ]
        let shared = "changed what the flags share: $evaluators, segments or metadata"
        #expect(
            FlagWords.changes(answer, on: plain) == ["added a", "removed b", shared, "not applied"]
        )
        #expect(FlagWords.changes(["applied": true], on: plain) == ["nothing to change"])
    }
}

@Suite struct `Indented JSON` {
    @Test(arguments: [JSON.null, [:], [], ["b": 1, "a": [10.0, true]], "text"])
    func `stays on one line where it fits`(json: JSON) {
        #expect(json.indented == json.description)
    }

    @Test func `is the same value, in lines ordered by name`() throws {
        let long = JSON.string(String(repeating: "x", count: 50))
        let json: JSON = ["b": [long, ["deep": [long, long]]], "a": [:], "c": 10.0]
        let lines = json.indented.split(separator: "\n")
        #expect(lines.prefix(4) == ["{", "  \"a\": {},", "  \"b\": [", "    \(long),"])
        #expect(lines.suffix(2) == ["  \"c\": 10.0", "}"])
        #expect(try JSON(parsing: json.indented) == json)
    }
}
