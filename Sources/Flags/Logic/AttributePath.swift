import Entitlements

/// Where `var` looks, split once.
struct AttributePath: Sendable {
    enum Start: Sendable {
        case whole, targetingKey, flagKey, timestamp, flagd, named
        /// A number as path: the item of a list.
        case index(Double)
    }

    let start: Start
    let names: [String]
    private let indices: [Int?]

    /// What a key means as `var` takes it: null and "" are the whole, a number is an index.
    init(_ key: JSON, text: String) {
        switch key {
        case .null: self.init(.whole)
        case .bool(let isTrue): self.init(.index(isTrue ? 1 : 0))
        case .integer(let index): self.init(.index(Double(index)))
        case .number(let index): self.init(.index(index))
        case .string where text.isEmpty: self.init(.whole)
        default: self.init(text: text)
        }
    }

    init(text: String) {
        let names = text.utf8
            .split(
                separator: UInt8(ascii: "."),
                omittingEmptySubsequences: false
            )
            .map { String(Substring($0)) }
        switch text {
        case "targetingKey": self.init(.targetingKey, names)
        case "$flagd.flagKey": self.init(.flagKey, names)
        case "$flagd.timestamp": self.init(.timestamp, names)
        default: self.init(names.first == "$flagd" ? .flagd : .named, names)
        }
    }

    private init(_ start: Start, _ names: [String] = []) {
        self.start = start
        self.names = names
        indices = names.map { name in
            Int(name).flatMap { String($0) == name && $0 >= 0 ? $0 : nil }
        }
    }
}

extension AttributePath {
    /// What stands under the names, from one of them on; nil where nothing does.
    func walk(_ value: JSON, from first: Int = 0) -> JSON? {
        var value = value
        for position in first..<max(first, names.count) {
            switch value {
            case .object(let members):
                guard let next = members[names[position]] else { return nil }
                value = next
            case .array(let items):
                if names[position] == "length" { return .integer(Int64(items.count)) }
                guard let index = indices[position], index < items.count else { return nil }
                value = items[index]
            case .string(let text):
                if names[position] == "length" {
                    return .integer(Int64(text.unicodeScalars.count))
                }
                guard let index = indices[position], let letter = text.scalar(at: index) else {
                    return nil
                }
                value = letter
            default: return nil
            }
        }
        return value.isNull ? nil : value
    }

    /// The item of a list, or the letter of a text, that a number names.
    static func item(_ index: Double, of value: JSON) -> JSON? {
        guard let index = Int(exactly: index), index >= 0 else { return nil }
        switch value {
        case .array(let items): return index < items.count ? items[index] : nil
        case .string(let text): return text.scalar(at: index)
        default: return nil
        }
    }
}

extension String {
    fileprivate func scalar(at index: Int) -> JSON? {
        guard
            let position = unicodeScalars.index(
                unicodeScalars.startIndex,
                offsetBy: index,
                limitedBy: unicodeScalars.endIndex
            ), position < unicodeScalars.endIndex
        else { return nil }
        return .string(String(unicodeScalars[position]))
    }
}
