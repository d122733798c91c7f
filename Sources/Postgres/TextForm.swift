/// Reads Postgres's text forms.
///
/// Each function gives nil for what is not of its type.
///
/// They rely on `DateStyle` ISO and `bytea_output` hex, which every connection sets.
enum TextForm {
    static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        String(decoding: bytes, as: UTF8.self)
    }

    static func int64(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = isNegative ? bytes.dropFirst() : bytes
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard let digit = digit(byte) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted downwards: the least number has no positive counterpart.
            let (sum, carry) = product.subtractingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    static func bool(_ bytes: ArraySlice<UInt8>) -> Bool? {
        guard bytes.count == 1 else { return nil }
        return switch bytes.first {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    static func double(_ bytes: ArraySlice<UInt8>) -> Double? {
        Double(String(decoding: bytes, as: UTF8.self))
    }

    static func bytes(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.starts(with: "\\x".utf8), bytes.count.isMultiple(of: 2) else { return nil }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count / 2 - 1)
        var index = bytes.startIndex + 2
        while index < bytes.endIndex {
            guard let high = hexDigit(bytes[index]), let low = hexDigit(bytes[index + 1]) else {
                return nil
            }
            decoded.append(high << 4 | low)
            index += 2
        }
        return decoded
    }

    static func int64Array(_ bytes: ArraySlice<UInt8>) -> [Int64]? {
        guard let texts = textArray(bytes) else { return nil }
        let numbers = texts.compactMap { int64(ArraySlice($0.utf8)) }
        return numbers.count == texts.count ? numbers : nil
    }

    static func digit(_ byte: UInt8) -> Int64? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            ? Int64(byte - UInt8(ascii: "0")) : nil
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
