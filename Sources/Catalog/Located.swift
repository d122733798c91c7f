import Entitlements

/// A value with the line it stands on: what YAML and JSON have in common, so that a catalog from
/// files and one from the API are read, and refused, by the same code.
struct Located {
    enum Value {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)
        case list([Located])
        case map([Entry])
    }

    struct Entry {
        let key: String
        let line: Int?
        let value: Located
    }

    let line: Int?
    let value: Value

    /// What it is, in the words of a message.
    var kind: String {
        switch value {
        case .null: "empty"
        case .bool(let flag): "`\(flag)`"
        case .integer(let number): "the number \(number)"
        case .number(let number): "the number \(number)"
        case .text(let text): "the text `\(text.prefix(40))`"
        case .list: "a list"
        case .map: "a mapping"
        }
    }

    /// The value as JSON, without its lines.
    var json: JSON {
        switch value {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .integer(let number): .integer(number)
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        case .list(let values): .array(values.map(\.json))
        case .map(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.json) }) { first, _ in first })
        }
    }
}
