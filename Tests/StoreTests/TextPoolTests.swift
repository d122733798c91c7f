import Testing

@testable import Store

@Suite struct `A pool of texts` {
    @Test func `holds each once, and never more than its bound`() {
        let pool = TextPool(bound: 3)
        for text in ["a", "b", "a", "c", "b"] { #expect(pool.one(text) == text) }
        #expect(pool.count == 3)
        #expect(pool.one("d") == "d")
        #expect(pool.count == 1, "whoever has a device of its own each time starts it over")
    }
}
