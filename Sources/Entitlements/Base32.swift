/// Crockford's base 32, in lower case: the text of ids that people read aloud and copy.
package enum Base32 {
    /// No i, l, o or u, which are misread or make words.
    static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Random digits, five bits each.
    package static func random(
        characters: Int,
        from generator: inout some RandomNumberGenerator
    ) -> [UInt8] {
        var pool: UInt64 = 0
        var poolBits = 0
        return (0..<characters)
            .map { _ in
                if poolBits < 5 {
                    pool = generator.next()
                    poolBits = 64
                }
                defer {
                    pool >>= 5
                    poolBits -= 5
                }
                return digits[Int(pool & 0x1F)]
            }
    }

    /// A number in so many digits, the most significant first, so that texts sort as numbers do.
    package static func text(of number: UInt64, characters: Int) -> [UInt8] {
        (0..<characters).reversed()
            .map { place in
                digits[Int(number >> (5 * UInt64(place)) & 0x1F)]
            }
    }
}
