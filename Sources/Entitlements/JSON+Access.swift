/// Looking into a value. Each accessor is nil where the value is of another type.
extension JSON {
    package var isNull: Bool { self == .null }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// A whole number as it was written: `5`, never `5.0`.
    package var integer: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// Any number; a large integer is rounded to the nearest double.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var string: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    package var array: [JSON]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    package var object: [String: JSON]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The member of an object; nil where there is none, or the value is no object.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The element of an array; nil outside of it, or where the value is no array.
    package subscript(index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// What a JSON Pointer (RFC 6901) such as `/items/0/price/id` points at.
    ///
    /// Nil where there is nothing, and for what is no pointer: one that does not begin with `/`,
    /// or a `~` that is neither `~0` nor `~1`. The empty pointer is the whole value.
    package func at(pointer: String) -> JSON? {
        guard !pointer.isEmpty else { return self }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        var value = self
        let tokens = pointer.utf8.dropFirst()
            .split(
                separator: UInt8(ascii: "/"),
                omittingEmptySubsequences: false
            )
        for token in tokens {
            guard let name = unescapedPointerToken(Substring(token)), let next = value.step(name)
            else { return nil }
            value = next
        }
        return value
    }

    private func step(_ token: String) -> JSON? {
        switch self {
        case .object(let members): members[token]
        case .array: arrayIndex(token).flatMap { self[$0] }
        default: nil
        }
    }
}

/// `~1` is `/` and `~0` is `~`; any other `~` makes the pointer invalid.
private func unescapedPointerToken(_ token: Substring) -> String? {
    guard token.utf8.contains(UInt8(ascii: "~")) else { return String(token) }
    var name = ""
    var isEscaped = false
    for scalar in token.unicodeScalars {
        switch (isEscaped, scalar) {
        case (false, "~"): isEscaped = true
        case (false, _): name.unicodeScalars.append(scalar)
        case (true, "0"), (true, "1"):
            name.append(scalar == "0" ? "~" : "/")
            isEscaped = false
        default: return nil
        }
    }
    return isEscaped ? nil : name
}

/// Digits without a leading zero, as RFC 6901 has it.
private func arrayIndex(_ token: String) -> Int? {
    guard token == "0" || token.utf8.first.map({ (0x31...0x39).contains($0) }) == true else {
        return nil
    }
    return Int(token)
}

/// Values as every answer writes them; nil is null.
extension JSON {
    package init(_ quantity: Quantity?) {
        switch quantity {
        case nil: self = .null
        case .units(let units): self = .integer(units)
        case .unlimited: self = "unlimited"
        }
    }

    package init(_ instant: Instant?) {
        self = instant.map { .string($0.description) } ?? .null
    }
}
