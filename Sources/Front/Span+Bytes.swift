extension Span<UInt8> {
    /// The place of the first control byte at or after a place; the count if there is none.
    ///
    /// Eight bytes at a time: a byte below 0x20 borrows from its top bit when 0x20 is subtracted,
    /// and so does a zero, which is what 0x7F becomes, when 0x01 is. Borrows run upwards only, so
    /// the lowest mark is always a true one. Bytes from 0x80 are never marked.
    func firstControl(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var place = start
        while place + 8 <= count {
            // Checked against the bounds; every pattern of bits is an integer.
            let loaded = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            let word = UInt64(littleEndian: loaded)
            let delete = word ^ (ones &* 0x7F)
            let below = (word &- ones &* 0x20) & ~word
            let marks = (below | ((delete &- ones) & ~delete)) & tops
            if marks != 0 { return place + marks.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < count, !self[place].isControl { place += 1 }
        return place
    }

    /// The range without spaces at either end.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, self[low] == .space { low += 1 }
        while low < high, self[high - 1] == .space { high -= 1 }
        return low..<high
    }

    /// Whether the range holds exactly these bytes.
    func equals(_ expected: [UInt8], in range: Range<Int>) -> Bool {
        guard range.count == expected.count else { return false }
        for offset in 0..<expected.count
        where self[range.lowerBound &+ offset] != expected[offset] {
            return false
        }
        return true
    }

    /// Whether the range holds these lower-case bytes, its letters being of either case.
    func equalsFolded(_ expected: [UInt8], in range: Range<Int>) -> Bool {
        guard range.count == expected.count else { return false }
        for offset in 0..<expected.count
        where self[range.lowerBound &+ offset].folded != expected[offset] {
            return false
        }
        return true
    }

    /// Whether all bytes of the range are of a class.
    func all(in range: Range<Int>, are isMember: (UInt8) -> Bool) -> Bool {
        for place in range where !isMember(self[place]) { return false }
        return true
    }

    /// A copy of the range.
    func array(_ range: Range<Int>) -> [UInt8] {
        // The pointer does not leave the closure.
        unsafe extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// The range as text; bytes that are not UTF-8 are replaced.
    func string(_ range: Range<Int>) -> String {
        // The pointer does not leave the closure.
        unsafe extracting(range)
            .withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
