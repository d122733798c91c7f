import Entitlements

/// How a unit is turned into a share of a split; fixed for a flag when it is made.
///
/// flagd changed it twice within a year, and each change moves everybody. Version 1 divided in
/// floating point, each client in its own way, and is not offered.
package enum Bucketing: String, Sendable, Hashable, CaseIterable {
    /// The hash goes over the text of the unit.
    case flagd2 = "flagd/2"
    /// The hash goes over deterministic CBOR, so that 123 and "123" are two units.
    case flagd3 = "flagd/3"
}

extension Bucketing {
    /// The hash of what a rule names as its unit; nil where this is none.
    func hash(unit: JSON) -> UInt32? {
        var hasher = Murmur3()
        switch (self, unit) {
        case (.flagd2, .string(let text)) where !text.isEmpty: hasher.combine(text)
        case (.flagd2, _), (.flagd3, .null), (.flagd3, .array): return nil
        case (.flagd3, _): hasher.combine(cbor: unit)
        }
        return hasher.finish()
    }

    /// The hash of a unit within a flag, so that two flags split independently.
    func hash(salt: String, unit: String) -> UInt32 {
        var hasher = Murmur3()
        switch self {
        case .flagd2:
            hasher.combine(salt)
            hasher.combine(unit)
        case .flagd3:
            hasher.combineHead(major: 4, argument: 2)
            hasher.combine(cborText: salt)
            hasher.combine(cborText: unit)
        }
        return hasher.finish()
    }

    /// Where in `0..<total` a hash lies; `total` is at most 2^31 - 1.
    static func bucket(of hash: UInt32, total: Int64) -> Int64 {
        Int64((UInt64(hash) * UInt64(total)) >> 32)
    }
}
