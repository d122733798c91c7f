import Entitlements

/// Equality and order.
extension Interpreter {
    /// `==`: numbers and truths are compared as numbers, whatever stands on the other side; lists
    /// and objects equal only a text that they could be written as.
    mutating func equal(_ left: JSON, _ right: JSON) throws(FlagError) -> Bool {
        if let number = left.exactNumeral { return number == right.numeral }
        if let number = right.exactNumeral { return left.numeral == number }
        switch (left, right) {
        case (.null, .null): return true
        case (.string(let left), .string(let right)): return left.isSame(as: right)
        case (.string(let left), .array), (.string(let left), .object):
            return left.isSame(as: try text(of: right))
        case (.array, .string(let right)), (.object, .string(let right)):
            return right.isSame(as: try text(of: left))
        default: return false
        }
    }

    /// `===` and the search of `in`: the same type and content; 1 and 1.0 are one number.
    mutating func identical(_ left: JSON, _ right: JSON) throws(FlagError) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.integer, .integer), (.integer, .number), (.number, .integer), (.number, .number):
            return left.numeral == right.numeral
        case (.string(let left), .string(let right)): return left.isSame(as: right)
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            try spend(left.count)
            for (left, right) in zip(left, right) where try !identical(left, right) {
                return false
            }
            return true
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            try spend(left.count)
            for (key, left) in left {
                guard let right = right[key], try identical(left, right) else { return false }
            }
            return true
        default: return false
        }
    }

    /// `<`, or `<=` where equals pass as well.
    ///
    /// By number where either is one, by text where either is one, else by number.
    mutating func precedes(
        _ left: JSON,
        _ right: JSON,
        orEquals: Bool
    ) throws(FlagError) -> Bool {
        if left.exactNumeral == nil, right.exactNumeral == nil,
            left.string != nil || right.string != nil
        {
            let (left, right) = (try text(of: left), try text(of: right))
            return orEquals ? !right.isBefore(left) : left.isBefore(right)
        }
        let (left, right) = (left.numeral, right.numeral)
        return orEquals ? left <= right : left < right
    }

    mutating func contains(_ haystack: JSON, _ needle: JSON) throws(FlagError) -> Bool {
        switch haystack {
        case .array(let items):
            try spend(items.count / 4)
            for item in items where try identical(item, needle) { return true }
            return false
        case .string(let text):
            let needle = try self.text(of: needle)
            // The naive search costs its product only for texts made for it.
            try spend(1 + text.utf8.count / 32 * (1 + needle.utf8.count / 32))
            return text.utf8.contains(utf8: needle.utf8)
        default: return false
        }
    }
}

extension String.UTF8View {
    fileprivate func contains(utf8 needle: String.UTF8View) -> Bool {
        guard let first = needle.first else { return true }
        let length = needle.count
        guard count >= length else { return false }
        var rest = self[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: needle) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
