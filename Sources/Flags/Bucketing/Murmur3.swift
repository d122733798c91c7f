/// MurmurHash3 for x86, 32 bits, seed 0, as an unsigned number: flagd's hash.
struct Murmur3 {
    private var state: UInt32 = 0
    private var block: UInt32 = 0
    private var count = 0

    mutating func combine(_ byte: UInt8) {
        block |= UInt32(byte) << (8 * UInt32(count & 3))
        count += 1
        guard count & 3 == 0 else { return }
        state ^= Self.mixed(block)
        state = ((state << 13) | (state >> 19)) &* 5 &+ 0xE654_6B64
        block = 0
    }

    /// The UTF-8 bytes as they came: no Unicode normalisation.
    mutating func combine(_ text: String) {
        for byte in text.utf8 { combine(byte) }
    }

    func finish() -> UInt32 {
        var hash = state
        if count & 3 != 0 { hash ^= Self.mixed(block) }
        hash ^= UInt32(truncatingIfNeeded: count)
        hash = (hash ^ (hash >> 16)) &* 0x85EB_CA6B
        hash = (hash ^ (hash >> 13)) &* 0xC2B2_AE35
        return hash ^ (hash >> 16)
    }

    private static func mixed(_ block: UInt32) -> UInt32 {
        let spread = block &* 0xCC9E_2D51
        return ((spread << 15) | (spread >> 17)) &* 0x1B87_3593
    }
}
