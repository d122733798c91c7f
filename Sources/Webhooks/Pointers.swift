import Entitlements

/// JSON Pointers in order of preference: providers move fields between versions, and the first
/// pointer that holds a usable value is the one that counts.
struct Pointers: Sendable, Hashable {
    let candidates: [String]

    /// RFC 6901: a tilde is followed by 0 or 1.
    static func isWellFormed(_ pointer: String) -> Bool {
        var escaped = false
        for byte in pointer.utf8 {
            if escaped {
                guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { return false }
            }
            escaped = byte == UInt8(ascii: "~")
        }
        return !escaped
    }

    /// The first value that is there and not null.
    func value(in json: JSON) -> (value: JSON, pointer: String)? {
        for pointer in candidates {
            guard let value = json.at(pointer: pointer), value != .null else { continue }
            return (value, pointer)
        }
        return nil
    }

    /// The first value that is a text with something in it.
    func text(in json: JSON) -> String? {
        texts(in: json).first
    }

    /// All that are texts with something in them, without repetition, in order.
    func texts(in json: JSON) -> [String] {
        var found: [String] = []
        for pointer in candidates {
            guard case .string(let text) = json.at(pointer: pointer), !text.isEmpty else {
                continue
            }
            if !found.contains(text) { found.append(text) }
        }
        return found
    }
}
