import Entitlements

/// A version by the rules of semver.org, as `sem_ver` reads it.
///
/// A leading `v` is dropped and missing parts are 0; what is behind `+` does not count. Numbers
/// stay text, so that none is too large.
struct SemanticVersion: Sendable {
    private let numbers: [Substring]
    private let prerelease: [Substring]

    var major: Substring { numbers[0] }
    var minor: Substring { numbers[1] }

    /// Nil for what is no version.
    init?(_ value: JSON) {
        switch value {
        case .string, .integer, .number:
            guard let text = value.variantName else { return nil }
            self.init(text)
        default: return nil
        }
    }

    init?(_ text: String) {
        var rest = Substring(text)
        if rest.utf8.first == UInt8(ascii: "v") || rest.utf8.first == UInt8(ascii: "V") {
            rest = Substring(rest.utf8.dropFirst())
        }
        let build = rest.utf8.firstIndex(of: UInt8(ascii: "+"))
        if let build,
            !Self.identifiers(Substring(rest.utf8[build...].dropFirst()), areNumbers: false)
        {
            return nil
        }
        rest = rest[..<(build ?? rest.endIndex)]
        let dash = rest.utf8.firstIndex(of: UInt8(ascii: "-"))
        if let dash {
            let tail = Substring(rest.utf8[dash...].dropFirst())
            guard Self.identifiers(tail, areNumbers: true) else { return nil }
            prerelease = tail.parts
        } else {
            prerelease = []
        }
        var numbers = rest[..<(dash ?? rest.endIndex)].parts
        guard numbers.count <= 3, numbers.allSatisfy({ $0.isNumber && !$0.hasLeadingZero }) else {
            return nil
        }
        while numbers.count < 3 { numbers.append("0") }
        self.numbers = numbers
    }

    /// Whether what is between the dots are identifiers; those of digits may have to be numbers.
    private static func identifiers(_ text: Substring, areNumbers: Bool) -> Bool {
        text.parts.allSatisfy { part in
            guard !part.isEmpty, part.utf8.allSatisfy(\.isIdentifier) else { return false }
            return !(areNumbers && part.isNumber && part.hasLeadingZero)
        }
    }
}

extension SemanticVersion {
    /// Negative for an older version than the other, positive for a newer one, else 0.
    func compared(with other: SemanticVersion) -> Int {
        for (left, right) in zip(numbers, other.numbers) {
            let order = Self.compare(numbers: left, right)
            if order != 0 { return order }
        }
        // A release is above all of its pre-releases.
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return (prerelease.isEmpty ? 1 : 0) - (other.prerelease.isEmpty ? 1 : 0)
        }
        for (left, right) in zip(prerelease, other.prerelease) {
            let order = Self.compare(identifiers: left, right)
            if order != 0 { return order }
        }
        return prerelease.count - other.prerelease.count
    }

    /// What a comparison by `=`, `<`, `^` and so on says; nil for another sign.
    func satisfies(_ sign: String, _ other: SemanticVersion) -> Bool? {
        switch sign {
        case "=": compared(with: other) == 0
        case "!=": compared(with: other) != 0
        case "<": compared(with: other) < 0
        case "<=": compared(with: other) <= 0
        case ">": compared(with: other) > 0
        case ">=": compared(with: other) >= 0
        case "^": major == other.major
        case "~": major == other.major && minor == other.minor
        default: nil
        }
    }

    static let signs = ["=", "!=", "<", "<=", ">", ">=", "^", "~"]

    private static func compare(numbers left: Substring, _ right: Substring) -> Int {
        let lengths = left.utf8.count - right.utf8.count
        return lengths != 0 ? lengths : compare(texts: left, right)
    }

    private static func compare(texts left: Substring, _ right: Substring) -> Int {
        if left.utf8.lexicographicallyPrecedes(right.utf8) { return -1 }
        return left.utf8.elementsEqual(right.utf8) ? 0 : 1
    }

    private static func compare(identifiers left: Substring, _ right: Substring) -> Int {
        switch (left.isNumber, right.isNumber) {
        case (true, true): compare(numbers: left, right)
        case (true, false): -1
        case (false, true): 1
        case (false, false): compare(texts: left, right)
        }
    }
}

extension Substring {
    /// What is between the dots; by bytes, since letters with their accents take ten times as long.
    fileprivate var parts: [Substring] {
        utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { Substring($0) }
    }

    fileprivate var isNumber: Bool {
        !isEmpty && utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    fileprivate var hasLeadingZero: Bool { utf8.first == UInt8(ascii: "0") && utf8.count > 1 }
}

extension UInt8 {
    fileprivate var isIdentifier: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
