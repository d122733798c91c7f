import NIOCore
import NIOEmbedded
import Testing

@testable import Front

@Suite struct `The parser` {
    @Test func `looks at each byte of a line once, however they arrive`() {
        let configuration = FrontConfiguration()
        let grammar = Grammar(routes: EmbeddedFront.routes, configuration: configuration)
        var parser = RequestParser(grammar: grammar)
        let long = String(repeating: "x", count: 10_000)
        let bytes = Array(post(headers: "X-Long: \(long)\r\n", body: "{}").utf8)
        for count in 1..<bytes.count {
            guard case .incomplete = parser.advance(over: Array(bytes[..<count]).span) else {
                Issue.record("not incomplete after \(count) bytes")
                return
            }
            // It waits at the end; only a CR has to be looked at again, with what follows it.
            #expect(parser.scanned >= min(count, bytes.count - 2) - 1)
        }
        guard case .complete = parser.advance(over: bytes.span) else {
            Issue.record("not complete")
            return
        }
        #expect(parser.length == bytes.count)
    }

    @Test func `takes the same from any stream, whole and in pieces`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("SEED=\(seed)")
        var mutator = StreamMutator(seed: seed)
        var random = Seeded(seed: seed)
        for number in 0..<1_000 {
            let stream = mutator.next()
            let whole = try outcome(of: [stream])
            var rest = stream[...]
            var pieces: [[UInt8]] = []
            while !rest.isEmpty {
                let length = min(rest.count, Int.random(in: 1...40, using: &random))
                pieces.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            let text = String(decoding: stream, as: UTF8.self).debugDescription
            #expect(try outcome(of: pieces) == whole, "SEED=\(seed) stream \(number): \(text)")
        }
    }

    /// The requests that the front took of a stream, and the bytes that it did not.
    private func outcome(of pieces: [[UInt8]]) throws -> [String] {
        let front = try EmbeddedFront()
        var taken: [String] = []
        for piece in pieces {
            try front.channel.writeInbound(ByteBuffer(bytes: piece))
            front.loop.run()
            for exchange in front.responder.takeAll() {
                taken.append("\(exchange.request.route) \(exchange.request.text)")
                exchange.respond("")
            }
            if front.isClosed { break }
        }
        if !front.isClosed { front.fire(ChannelEvent.inputClosed) }
        let marks = ["active", "complete", "input closed", "inactive"]
        return taken + [front.handedOver.filter { !marks.contains($0) }.joined()]
    }
}
