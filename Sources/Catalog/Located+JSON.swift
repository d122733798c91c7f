import Entitlements

extension Located {
    /// JSON has no lines; the fields must do.
    init(json: JSON) {
        line = nil
        switch json {
        case .null: value = .null
        case .bool(let flag): value = .bool(flag)
        case .integer(let number): value = .integer(number)
        case .number(let number): value = .number(number)
        case .string(let text): value = .text(text)
        case .array(let values): value = .list(values.map(Located.init(json:)))
        case .object(let members):
            value = .map(
                members.sorted { $0.key < $1.key }
                    .map {
                        Entry(key: $0.key, line: nil, value: Located(json: $0.value))
                    }
            )
        }
    }
}
