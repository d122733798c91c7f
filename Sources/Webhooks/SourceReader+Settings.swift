import Limits
import Yams

// The values that several parts of a file share: pointers, header names, environment names.

extension SourceReader {
    /// One JSON Pointer, or several of which the first that holds something counts.
    mutating func pointers(_ fields: Fields, _ key: String) -> Pointers? {
        guard let node = required(fields, key) else { return nil }
        return pointers(node, fields.way(to: key))
    }

    mutating func optionalPointers(_ fields: Fields, _ key: String) -> Pointers? {
        fields.values[key].flatMap { pointers($0, fields.way(to: key)) }
    }

    mutating func pointers(_ node: Node, _ path: String) -> Pointers? {
        let found = entries(node, path).map { pointer($0.node, $0.path) }
        let whole = found.compactMap(\.self)
        return whole.count == found.count && !whole.isEmpty ? Pointers(candidates: whole) : nil
    }

    mutating func pointer(_ node: Node, _ path: String) -> String? {
        guard let text = text(node, path) else { return nil }
        guard text.hasPrefix("/"), Pointers.isWellFormed(text) else {
            note(
                node,
                path,
                "`\(text)` is no JSON Pointer",
                "write it as in /data/object/id; ~ is written ~0 and / is written ~1"
            )
            return nil
        }
        return text
    }

    /// `{ at: pointer, is: text }`, where there is one.
    mutating func condition(_ fields: Fields, _ key: String) -> Condition? {
        guard let node = fields.values[key],
            let condition = mapping(node, fields.way(to: key), known: ["at", "is"])
        else { return nil }
        let at = pointer(condition, "at")
        let text = text(condition, "is")
        guard let at, let text else { return nil }
        return Condition(pointer: at, text: text)
    }

    /// One pointer that must be there.
    mutating func pointer(_ fields: Fields, _ key: String) -> String? {
        required(fields, key).flatMap { pointer($0, fields.way(to: key)) }
    }

    mutating func header(_ fields: Fields, _ key: String) -> String? {
        required(fields, key).flatMap { header($0, fields.way(to: key)) }
    }

    mutating func optionalHeader(_ fields: Fields, _ key: String) -> String? {
        fields.values[key].flatMap { header($0, fields.way(to: key)) }
    }

    private mutating func header(_ node: Node, _ path: String) -> String? {
        guard let name = text(node, path) else { return nil }
        guard HeaderText.isName(name) else {
            note(node, path, "`\(name)` is no header name", "use letters, digits and hyphens")
            return nil
        }
        return name
    }

    /// The name of an environment variable, written `$NAME`.
    mutating func variable(_ node: Node, _ path: String) -> String? {
        guard let text = text(node, path) else { return nil }
        let name = text.dropFirst()
        let isName = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        guard text.hasPrefix("$"), !name.isEmpty, isName else {
            // The value is not repeated: it may well be the secret itself.
            note(
                node,
                path,
                "is not the name of an environment variable",
                "secrets stay out of files: write $NAME, in capitals"
            )
            return nil
        }
        return String(name)
    }
}

/// Header names and values that can be sent as they are.
enum HeaderText {
    static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            }
    }

    /// Printable ASCII: no line break, so nothing can be smuggled in behind a value.
    static func isValue(_ value: some StringProtocol) -> Bool {
        value.utf8.allSatisfy { 0x20...0x7e ~= $0 }
    }
}
