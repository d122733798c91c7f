import Front
import NIOCore
import NIOEmbedded
import Testing

@Suite struct `A connection told to quiesce` {
    @Test func `closes when it is idle, after a moment of grace`() throws {
        let front = try EmbeddedFront()
        front.fire(ChannelShouldQuiesceEvent())
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .milliseconds(299))
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .milliseconds(1))
        #expect(front.isClosed)
        #expect(front.handedOver.isEmpty)
    }

    @Test func `answers the request that was on its way, and says that it closes`() throws {
        let front = try EmbeddedFront()
        front.fire(ChannelShouldQuiesceEvent())
        try front.send(post(body: "1"))
        front.responder.takeAll().first?.respond("one")
        front.loop.run()
        #expect(front.isClosed)
        let sent = try front.sent()
        #expect(sent.components(of: "Connection: close") == 1 && sent.hasSuffix("one"))
    }

    @Test func `hands over what came instead of a hot request, and the event after it`() throws {
        let front = try EmbeddedFront()
        front.fire(ChannelShouldQuiesceEvent())
        let cold = "GET / HTTP/1.1\r\n"
        try front.send(cold)
        #expect(front.handedOver.starts(with: ["active", cold, "complete", "quiesce"]))
    }

    @Test func `sends what it owes first, and says that it closes`() throws {
        let front = try EmbeddedFront()
        let reads = try ReadCounter.added(to: front)
        try front.send(post(body: "1") + post(body: "2"))
        front.fire(ChannelShouldQuiesceEvent())
        front.channel.read()
        #expect(reads.count == 0)
        let exchanges = front.responder.takeAll()
        exchanges[1].respond("two")
        #expect(!front.isClosed)
        exchanges[0].respond("one")
        front.loop.run()
        #expect(front.isClosed)
        let sent = try front.sent()
        #expect(sent.components(of: "Connection: close") == 1 && sent.hasSuffix("two"))
    }

    @Test func `hands over what is there of a request, and the event after it`() throws {
        let front = try EmbeddedFront()
        let part = "POST /v1/check HTTP/1.1\r\nHo"
        try front.send(part)
        front.fire(ChannelShouldQuiesceEvent())
        #expect(!front.isClosed)
        #expect(front.handedOver == ["active", part, "complete", "quiesce"])
    }

    @Test func `hands over a part of a request only once nothing is owed`() throws {
        let front = try EmbeddedFront()
        try front.send(post() + "POST /v1")
        front.fire(ChannelShouldQuiesceEvent())
        #expect(front.handedOver.isEmpty)
        front.responder.takeAll().first?.respond("one")
        #expect(try front.answers() == ["one"])
        #expect(front.handedOver == ["active", "POST /v1", "complete", "quiesce"])
    }

    @Test func `passes the event on when it has left the front`() throws {
        let front = try EmbeddedFront()
        try front.send("GET / HTTP/1.1\r\n")
        front.fire(ChannelShouldQuiesceEvent())
        #expect(front.handedOver.last == "quiesce")
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
