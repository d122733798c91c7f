import Entitlements
import Testing

@testable import Flags

@Suite struct `A bucket` {
    struct Vector: Sendable {
        let key: String
        let hashes: (flagd2: UInt32, flagd3: UInt32)
        let buckets: (flagd2: Int64, flagd3: Int64)
    }

    @Test(arguments: [
        Vector(key: "user-1", hashes: (1_954_156_369, 2_132_831_605), buckets: (4_549, 4_965)),
        Vector(key: "user-2", hashes: (986_941_360, 278_469_018), buckets: (2_297, 648)),
        Vector(key: "acct_42", hashes: (2_515_268_602, 2_030_065_534), buckets: (5_856, 4_726)),
        Vector(
            key: "ünïcode-ключ-鍵",
            hashes: (2_814_639_243, 3_807_412_528),
            buckets: (6_553, 8_864)
        ),
    ])
    func `gives the worked vectors`(vector: Vector) {
        let two = Bucketing.flagd2.hash(salt: "new-checkout", unit: vector.key)
        let three = Bucketing.flagd3.hash(salt: "new-checkout", unit: vector.key)
        #expect(two == vector.hashes.flagd2)
        #expect(three == vector.hashes.flagd3)
        #expect(Bucketing.bucket(of: two, total: 10_000) == vector.buckets.flagd2)
        #expect(Bucketing.bucket(of: three, total: 10_000) == vector.buckets.flagd3)
    }

    @Test(
        arguments: [
            (0, 0), (1, 0), (0x7FFF_FFFF, 49), (0x8000_0000, 50), (0xFFFF_FFFF, 99),
        ] as [(UInt32, Int64)]
    )
    func `puts the edges of the hash where they belong`(hash: UInt32, bucket: Int64) {
        #expect(Bucketing.bucket(of: hash, total: 100) == bucket)
        let most = Bucketing.bucket(of: hash, total: 2_147_483_647)
        #expect((0..<2_147_483_647).contains(most))
    }

    @Test(
        arguments: [
            ([], 0), ([0x61], 0x3C25_69B2), ([0xFF, 0xFF, 0xFF, 0xFF], 0x7629_3B50),
            ([0x21, 0x43, 0x65, 0x87], 0xF55B_516B), ([0x21, 0x43, 0x65], 0x7E4A_8634),
            ([0x21, 0x43], 0xA0F7_B07A), ([0x21], 0x7266_1CF4), ([0, 0, 0, 0], 0x2362_F9DE),
        ] as [([UInt8], UInt32)]
    )
    func `hashes as MurmurHash3 does`(bytes: [UInt8], hash: UInt32) {
        var hasher = Murmur3()
        for byte in bytes { hasher.combine(byte) }
        #expect(hasher.finish() == hash)
    }

    @Test(
        arguments: [
            (true, [0xF5]), (false, [0xF4]), (0, [0]), (-2, [0x21]), (123, [0x18, 0x7B]),
            (456, [0x19, 0x01, 0xC8]), ("123", [0x63, 0x31, 0x32, 0x33]), (-0.0, [0]), (5.0, [5]),
            (1.23, [0xFB, 0x3F, 0xF3, 0xAE, 0x14, 0x7A, 0xE1, 0x47, 0xAE]),
            (1.5, [0xF9, 0x3E, 0x00]),
            (0.1, [0xFB, 0x3F, 0xB9] + .init(repeating: 0x99, count: 5) + [0x9A]),
            (5.960464477539063e-8, [0xF9, 0x00, 0x01]), (0.00006103515625, [0xF9, 0x04, 0x00]),
            (3.1414947509765625, [0xFA, 0x40, 0x49, 0x0E, 0x40]),
            (1e300, [0xFB, 0x7E, 0x37, 0xE4, 0x3C, 0x88, 0x00, 0x75, 0x9C]),
            (18_446_744_073_709_551_616.0, [0xFA, 0x5F, 0x80, 0, 0]),
            (9_223_372_036_854_775_808.0, [0x1B, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            (["b": 2, "a": 1], [0xA2, 0x61, 0x61, 1, 0x61, 0x62, 2]),
            (["bb": 2, "c": [.null]], [0xA2, 0x61, 0x63, 0x81, 0xF6, 0x62, 0x62, 0x62, 2]),
        ] as [(JSON, [UInt8])]
    )
    func `writes deterministic CBOR`(value: JSON, bytes: [UInt8]) {
        var expected = Murmur3()
        for byte in bytes { expected.combine(byte) }
        var hasher = Murmur3()
        hasher.combine(cbor: value)
        #expect(hasher.finish() == expected.finish())
    }
}
