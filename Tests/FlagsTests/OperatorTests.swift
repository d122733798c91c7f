import Entitlements
import Testing

@testable import Flags

/// What each operator gives: some rows for every one of them.
@Suite struct `An operator` {
    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        let expected: String
        let context: String

        init(_ rule: String, _ expected: String, _ context: String = "{}") {
            self.rule = rule
            self.expected = expected
            self.context = context
        }

        var testDescription: String { "\(rule) for \(context)" }
        var name: String? { json(rule).object?.keys.first }
    }

    @Test(arguments: attributes + logic + comparisons)
    func `of attributes, logic or order gives what JSONLogic says`(row: Row) throws {
        try check(row)
    }

    @Test(arguments: numbers + lists + texts)
    func `of numbers, lists or texts gives what JSONLogic says`(row: Row) throws {
        try check(row)
    }

    @Test(arguments: versions + own)
    func `of flagd or Usher gives what it says`(row: Row) throws {
        try check(row)
    }

    @Test func `has a row here, whichever it is`() {
        let rows = Self.attributes + Self.logic + Self.comparisons + Self.numbers + Self.lists
        let all = rows + Self.texts + Self.versions + Self.own
        let elsewhere: Set = ["usher_segment"]  // `Usher's own steps`: needs a set of flags
        let missing = Set(Operator.names).subtracting(all.compactMap(\.name))
        #expect(missing == elsewhere)
    }

    private func check(_ row: Row) throws {
        let given = try result(row.rule, row.context, key: "user-1")
        // As text, so that 1 and 1.0 are two answers, and a truth is no number.
        #expect(given.description == json(row.expected).description)
    }
}

extension `An operator` {
    private static let ada = #"{"user": {"name": "Ada", "tags": ["x", "y"]}, "n": 0, "e": ""}"#

    static let attributes = [
        Row(#"{"var": "n"}"#, "0", ada),
        Row(#"{"var": "user.name"}"#, #""Ada""#, ada),
        Row(#"{"var": ["user.tags.1"]}"#, #""y""#, ada),
        Row(#"{"var": "user.tags.2"}"#, "null", ada),
        Row(#"{"var": ["user.age", 30]}"#, "30", ada),
        Row(#"{"var": ["n", 30]}"#, "0", ada),
        Row(#"{"var": "targetingKey"}"#, #""user-1""#, ada),
        Row(#"{"var": "$flagd.flagKey"}"#, #""new-checkout""#),
        Row(#"{"var": "$flagd.timestamp"}"#, "1796115600"),
        Row(#"{"var": "$flagd.timestamp"}"#, "1796115600", #"{"$flagd": {"timestamp": 1}}"#),
        Row(#"{"missing": ["n", "m", "user.name"]}"#, #"["m"]"#, ada),
        Row(#"{"missing": ["e"]}"#, #"["e"]"#, ada),
        Row(#"{"missing": []}"#, "[]", ada),
        Row(#"{"missing_some": [1, ["n", "m"]]}"#, "[]", ada),
        Row(#"{"missing_some": [2, ["n", "m"]]}"#, #"["m"]"#, ada),
    ]

    static let logic = [
        Row(#"{"if": [true, 1, 2]}"#, "1"),
        Row(#"{"if": [false, 1, 2]}"#, "2"),
        Row(#"{"if": [false, 1]}"#, "null"),
        Row(#"{"if": [0, 1, "", 2, [], 3, null, 4, "0", 5, 6]}"#, "5"),
        Row(#"{"if": [{"var": "user"}, "yes", "no"]}"#, #""yes""#, #"{"user": {}}"#),
        Row(#"{"!": [0]}"#, "true"), Row(#"{"!": ["0"]}"#, "false"), Row(#"{"!": true}"#, "false"),
        Row(#"{"!": [[]]}"#, "true"), Row(#"{"!!": ["0"]}"#, "true"),
        Row(#"{"!!": [""]}"#, "false"),
        Row(#"{"and": [1, "a", 0, 2]}"#, "0"), Row(#"{"and": [1, "a"]}"#, #""a""#),
        Row(#"{"or": [0, "", "b", 2]}"#, #""b""#), Row(#"{"or": [0, false]}"#, "false"),
    ]

    static let comparisons = [
        Row(#"{"==": [1, "1"]}"#, "true"), Row(#"{"==": [1, 1.0]}"#, "true"),
        Row(#"{"==": [true, 1]}"#, "true"), Row(#"{"==": ["a", "b"]}"#, "false"),
        Row(#"{"==": [null, {"var": "none"}]}"#, "true"),
        Row(#"{"===": [1, "1"]}"#, "false"), Row(#"{"===": [1, 1.0]}"#, "true"),
        Row(#"{"===": [true, 1]}"#, "false"), Row(#"{"===": [[1], [1]]}"#, "true"),
        Row(#"{"!=": [1, "1"]}"#, "false"), Row(#"{"!=": [1, 2]}"#, "true"),
        Row(#"{"!==": [1, "1"]}"#, "true"), Row(#"{"!==": ["a", "a"]}"#, "false"),
        Row(#"{"<": [1, 2]}"#, "true"), Row(#"{"<": [2, "10"]}"#, "true"),
        Row(#"{"<": ["2", "10"]}"#, "false"), Row(#"{"<": [1, 2, 3]}"#, "true"),
        Row(#"{"<": [1, 1, 3]}"#, "false"), Row(#"{"<": [1, "a"]}"#, "false"),
        Row(#"{"<=": [1, 1, 3]}"#, "true"), Row(#"{"<=": [1, 4, 3]}"#, "false"),
        Row(#"{"<=": [2, 1]}"#, "false"),
        Row(#"{"<=": [9007199254740993, 9007199254740992]}"#, "false"),
        Row(#"{">": [2, 1]}"#, "true"), Row(#"{">": [1, 1]}"#, "false"),
        Row(#"{">=": [1, 1]}"#, "true"), Row(#"{">=": ["b", "a"]}"#, "true"),
    ]

    static let numbers = [
        Row(#"{"max": [1, 3, 2]}"#, "3"), Row(#"{"max": [-1]}"#, "-1"),
        Row(#"{"min": [1, 3, -2.5]}"#, "-2.5"), Row(#"{"min": ["2", 1]}"#, "1"),
        Row(#"{"+": [1, 2, 3]}"#, "6"), Row(#"{"+": ["3.5"]}"#, "3.5"),
        Row(#"{"+": [9223372036854775807, 1]}"#, "9223372036854775808.0"),
        Row(#"{"-": [5, 2]}"#, "3"), Row(#"{"-": [5]}"#, "-5"),
        Row(#"{"*": [2, 3, 4]}"#, "24"), Row(#"{"*": [2, 0.5]}"#, "1.0"),
        Row(#"{"/": [6, 4]}"#, "1.5"), Row(#"{"/": [6, 3]}"#, "2.0"),
        Row(#"{"<": [1e308, {"/": [1, 0]}]}"#, "true"),
        Row(#"{"%": [7, 3]}"#, "1"), Row(#"{"%": [-5, 3]}"#, "1"),
        Row(#"{"%": [-9223372036854775808, -1]}"#, "0"),
    ]

    private static let list = #"{"l": [1, 2, 3, 4], "o": [{"a": 1}, {"a": 2}]}"#

    static let lists = [
        Row(#"{"map": [{"var": "l"}, {"*": [{"var": ""}, 2]}]}"#, "[2, 4, 6, 8]", list),
        Row(#"{"map": [{"var": "o"}, {"var": "a"}]}"#, "[1, 2]", list),
        Row(#"{"map": [{"var": "none"}, 1]}"#, "[]", list),
        Row(#"{"filter": [{"var": "l"}, {"%": [{"var": ""}, 2]}]}"#, "[1, 3]", list),
        Row(
            #"{"reduce": [{"var": "l"}, {"+": [{"var": "current"}, {"var": "accumulator"}]}, 10]}"#,
            "20",
            list
        ),
        Row(#"{"reduce": [{"var": "none"}, {"var": "current"}, 7]}"#, "7", list),
        Row(#"{"all": [{"var": "l"}, {">": [{"var": ""}, 0]}]}"#, "true", list),
        Row(#"{"all": [{"var": "l"}, {">": [{"var": ""}, 1]}]}"#, "false", list),
        Row(#"{"all": [[], true]}"#, "false"),
        Row(#"{"none": [{"var": "l"}, {">": [{"var": ""}, 4]}]}"#, "true", list),
        Row(#"{"none": [[], true]}"#, "true"),
        Row(#"{"some": [{"var": "o"}, {"==": [{"var": "a"}, 2]}]}"#, "true", list),
        Row(#"{"some": [[], true]}"#, "false"),
        Row(#"{"merge": [[1, 2], 3, [[4]]]}"#, "[1, 2, 3, [4]]"), Row(#"{"merge": []}"#, "[]"),
        Row(#"{"in": [3, {"var": "l"}]}"#, "true", list),
        Row(#"{"in": ["3", {"var": "l"}]}"#, "false", list),
        Row(#"{"in": ["ell", "hello"]}"#, "true"), Row(#"{"in": ["x", null]}"#, "false"),
    ]

    static let texts = [
        Row(#"{"cat": ["a", 1, 2.5, true]}"#, #""a12.5true""#), Row(#"{"cat": "x"}"#, #""x""#),
        Row(#"{"substr": ["jsonlogic", 4]}"#, #""logic""#),
        Row(#"{"substr": ["jsonlogic", -5]}"#, #""logic""#),
        Row(#"{"substr": ["jsonlogic", 1, 3]}"#, #""son""#),
        Row(#"{"substr": ["jsonlogic", 4, -2]}"#, #""log""#),
        Row(#"{"substr": ["ключ", 1, 2]}"#, #""лю""#),
        Row(#"{"starts_with": ["checkout", "check"]}"#, "true"),
        Row(#"{"starts_with": ["checkout", "out"]}"#, "false"),
        Row(#"{"starts_with": [{"var": "n"}, "1"]}"#, "null", #"{"n": 1}"#),
        Row(#"{"ends_with": ["ada@acme.example", "@acme.example"]}"#, "true"),
        Row(#"{"ends_with": ["a", "ba"]}"#, "false"),
        Row(#"{"ends_with": [{"var": "none"}, "a"]}"#, "null"),
    ]

    static let versions = [
        Row(#"{"sem_ver": ["1.2.3", "=", "v1.2.3+build"]}"#, "true"),
        Row(#"{"sem_ver": ["1.2", "=", "1.2.0"]}"#, "true"),
        Row(#"{"sem_ver": ["1.2.3", "!=", "1.2.4"]}"#, "true"),
        Row(#"{"sem_ver": ["1.10.0", ">", "1.9.0"]}"#, "true"),
        Row(#"{"sem_ver": ["1.0.0-rc.1", "<", "1.0.0"]}"#, "true"),
        Row(#"{"sem_ver": ["1.0.0-rc.9", "<", "1.0.0-rc.10"]}"#, "true"),
        Row(#"{"sem_ver": ["1.0.0", "<=", "1.0.0"]}"#, "true"),
        Row(#"{"sem_ver": ["1.0.0", ">=", "1.0.1"]}"#, "false"),
        Row(#"{"sem_ver": ["2.9.0", "^", "2.1.0"]}"#, "true"),
        Row(#"{"sem_ver": ["2.9.0", "~", "2.1.0"]}"#, "false"),
        Row(#"{"sem_ver": ["2.1.9", "~", "2.1.0"]}"#, "true"),
        Row(#"{"sem_ver": [{"var": "v"}, "=", "2.0.0"]}"#, "null", #"{"v": "2.0.0.0"}"#),
        Row(#"{"sem_ver": [{"var": "v"}, "=", "2.0.0"]}"#, "true", #"{"v": 2}"#),
    ]

    // The unit `user-1` of `new-checkout` hashes to a bucket of 4,965 in 10,000.
    static let own = [
        Row(#"{"fractional": [["a", 4965], ["b", 5035]]}"#, #""b""#),
        Row(#"{"fractional": [["a", 4966], ["b", 5034]]}"#, #""a""#),
        Row(#"{"fractional": [["a"], ["b"]]}"#, #""a""#),
        Row(#"{"fractional": [["a", 0], ["b", 0]]}"#, "null"),
        Row(#"{"fractional": [{"var": "none"}, ["a", 1]]}"#, "null"),
        Row(#"{"fractional": [{"var": "w"}, ["a", 1]]}"#, #""a""#, #"{"w": 123}"#),
        Row(#"{"usher_from": "2026-12-01T09:00:00Z"}"#, "true"),
        Row(#"{"usher_from": "2026-12-01T09:00:00.001Z"}"#, "false"),
        Row(#"{"usher_until": "2026-12-01T09:00:00Z"}"#, "false"),
        Row(#"{"usher_until": "2026-12-01T09:00:00.001Z"}"#, "true"),
        Row(#"{"usher_entitled": "sso"}"#, "true", #"{"entitlements": {"sso": true}}"#),
        Row(#"{"usher_entitled": "seats"}"#, "true", #"{"entitlements": {"seats": 0}}"#),
        Row(#"{"usher_entitled": "sso"}"#, "false", #"{"entitlements": {"sso": false}}"#),
        Row(#"{"usher_entitled": "sso"}"#, "false"),
    ]
}
