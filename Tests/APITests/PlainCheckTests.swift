import Entitlements
import Testing

@testable import API

@Suite struct `The plain form of a check` {
    @Test(arguments: [
        #"{"session":"ses_1","feature":"sso"}"#,
        #"{"feature":"sso","session":"ses_1"}"#,
        " { \"session\" :\t\"ses_1\" ,\r\n\"feature\" : \"sso\" } ",
        #"{"session":"","feature":""}"#,
        #"{"session":"a'~ b","feature":"x:y.z-1"}"#,
    ])
    func `is read as the JSON parser reads it`(body: String) throws {
        let plain = try #require(PlainCheck(Array(body.utf8)))
        let json = try JSON(parsing: body)
        #expect(plain.session == json["session"]?.string)
        #expect(plain.feature == json["feature"]?.string)
        #expect(json.object?.count == 2)
    }

    @Test(arguments: [
        "", "{", "{}", "[]", #"{"session":"a"}"#, #"{"session":"a","feature":"b",}"#,
        #"{"session":"a","session":"b"}"#, #"{"feature":"a","feature":"b"}"#,
        #"{"session":"a","feature":"b"}x"#, #"{"session":"a","feature":1}"#,
        #"{"session":"a\n","feature":"b"}"#, #"{"session":"ä","feature":"b"}"#,
        #"{"session":"a","feature":"b","context":{}}"#, #"{"session":"a","features":"b"}"#,
        "{\"session\":\"a\u{7F}\",\"feature\":\"b\"}", "{\"session\":\"a\tb\",\"feature\":\"b\"}",
        #"{"session":"a","feature":"b"#, #"{"session":"a","feature":"b""#, #"{session:"a"}"#,
    ])
    func `is nothing else, which goes to the JSON parser`(body: String) {
        let plain = PlainCheck(Array(body.utf8))
        #expect(plain == nil)
    }

    /// Whatever is taken as plain means the same as JSON, one byte changed at a time.
    @Test func `never disagrees with the JSON parser`() {
        let body = Array(#"{"session":"ses_1","feature":"sso"}"#.utf8)
        for place in body.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = body
                changed[place] = byte
                guard let plain = PlainCheck(changed) else { continue }
                let json = try? JSON(parsing: changed)
                #expect(plain.session == json?["session"]?.string)
                #expect(plain.feature == json?["feature"]?.string)
            }
        }
    }
}
