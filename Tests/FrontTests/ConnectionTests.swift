import Front
import NIOCore
import NIOEmbedded
import Testing

@Suite struct `A connection in the front` {
    @Test func `is not read while as many answers are owed as may be`() throws {
        let front = try EmbeddedFront { $0.owedAnswers = 2 }
        let reads = try ReadCounter.added(to: front)
        try front.send(post(body: "1") + post(body: "2") + post(body: "3"))
        let first = front.responder.takeAll()
        #expect(first.map(\.request.text) == ["1", "2"])
        front.channel.read()
        #expect(reads.count == 0)
        first[0].respond("one")
        front.loop.run()
        #expect(front.responder.takeAll().map(\.request.text) == ["3"])
        #expect(reads.count == 0)  // two are owed again
        first[1].respond("two")
        #expect(reads.count == 1)
    }

    @Test func `is not read while the client takes no answers`() throws {
        let front = try EmbeddedFront()
        let reads = try ReadCounter.added(to: front)
        front.setWritable(false)
        try front.send(post(body: "1"))
        front.channel.read()
        #expect(front.responder.takeAll().isEmpty)
        #expect(reads.count == 0)
        front.setWritable(true)
        #expect(front.responder.takeAll().map(\.request.text) == ["1"])
        #expect(reads.count == 1)
    }

    @Test func `flushes its last answer before it turns cold, also when that fills the buffer`()
        throws
    {
        let front = try EmbeddedFront()
        try front.send(post() + "GET / HTTP/1.1\r\n")
        let filler = FillingHandler()
        try front.channel.pipeline.syncOperations.addHandler(filler, position: .first)
        front.responder.takeAll().first?.respond("one")
        #expect(filler.events == ["write", "unwritable", "flush"])
        #expect(try front.answers() == ["one"])
        #expect(front.handedOver.contains("GET / HTTP/1.1\r\n"))
    }

    @Test func `goes on when a flush makes room at once`() throws {
        let front = try EmbeddedFront { $0.owedAnswers = 1 }
        let filler = FillingHandler()
        try front.channel.pipeline.syncOperations.addHandler(filler, position: .first)
        filler.becomesWritableOnFlush = true
        try front.send((1...3).map { post(body: "\($0)") }.joined())
        var answers: [String] = []
        while let exchange = front.responder.takeAll().first {
            exchange.respond(exchange.request.text)
            front.loop.run()
            answers += try front.answers()
        }
        #expect(answers == ["1", "2", "3"])
    }

    @Test func `closes after the answer to a request that says so, and reads no further`() throws {
        let front = try EmbeddedFront()
        let closer = WriteHolder()
        try front.channel.pipeline.syncOperations.addHandler(closer, position: .first)
        try front.send(post(body: "1") + post(headers: "Connection: close\r\n", body: "2") + post())
        let exchanges = front.responder.takeAll()
        #expect(exchanges.map(\.request.text) == ["1", "2"])
        #expect(exchanges.map(\.request.keepAlive) == [true, false])
        exchanges[1].respond("two")
        exchanges[0].respond("one")
        front.loop.run()
        #expect(!front.isClosed)  // not before the last byte is written
        closer.release()
        front.loop.run()
        #expect(front.isClosed)
        let sent = try front.sent()
        #expect(sent.hasSuffix("two") && sent.contains("Connection: close\r\n"))
        #expect(front.handedOver.isEmpty)
    }

    @Test func `is closed on an error of the socket`() throws {
        let front = try EmbeddedFront()
        front.channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        front.loop.run()
        #expect(front.isClosed)
    }
}

@Suite struct `A client that sends no more` {
    @Test func `gets its answers, and is closed`() throws {
        let front = try EmbeddedFront()
        try front.send(post(body: "1") + post(body: "2"))
        front.fire(ChannelEvent.inputClosed)
        #expect(!front.isClosed)
        let exchanges = front.responder.takeAll()
        exchanges[0].respond("one")
        exchanges[1].respond("two")
        front.loop.run()
        #expect(try front.answers() == ["one", "two"])
        #expect(front.isClosed)
    }

    @Test func `is closed at once when nothing is owed`() throws {
        let front = try EmbeddedFront()
        front.fire(ChannelEvent.inputClosed)
        #expect(front.isClosed)
        #expect(front.handedOver.isEmpty)
    }

    @Test func `in the middle of a request is left to the ordinary pipeline`() throws {
        let front = try EmbeddedFront()
        let part = "POST /v1/check HTTP/1.1\r\nHo"
        try front.send(post() + part)
        front.fire(ChannelEvent.inputClosed)
        #expect(front.handedOver.isEmpty)
        front.responder.takeAll().first?.respond("one")
        #expect(front.handedOver == ["active", part, "complete", "input closed"])
    }
}
