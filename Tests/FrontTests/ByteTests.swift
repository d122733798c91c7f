import Testing

@testable import Front

@Suite struct `The bytes of a request` {
    @Test(arguments: 0..<24) func `are searched for control bytes`(place: Int) {
        for byte in UInt8.min...UInt8.max {
            for filler in [UInt8(ascii: "a"), 0x20, 0x7E, 0x80, 0xFF] {
                var bytes = [UInt8](repeating: filler, count: 24)
                bytes[place] = byte
                let expected = byte < 0x20 || byte == 0x7F ? place : 24
                #expect(bytes.span.firstControl(from: 0) == expected)
                #expect(bytes.span.firstControl(from: place) == expected)
                #expect(bytes.span.firstControl(from: place + 1) == 24)
            }
        }
    }

    @Test func `fold letters, and nothing else`() {
        for byte in UInt8.min...UInt8.max {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            #expect(byte.folded == (isUpper ? byte + 32 : byte))
        }
    }

    @Test func `are of the classes of the grammar`() {
        let token = "!#$%&'*+-.^_`|~"
        let ascii = (UInt8.min...UInt8.max).filter { $0 < 128 }.map { Character(UnicodeScalar($0)) }
        for character in ascii {
            let byte = character.asciiValue ?? 0
            let isAlphanumeric = character.isLetter || character.isNumber
            #expect(byte.isTokenCharacter == (isAlphanumeric || token.contains(character)))
        }
        #expect((UInt8(128)...255).allSatisfy { !$0.isTokenCharacter && !$0.isHostCharacter })
    }
}
