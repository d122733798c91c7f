import Front
import NIOCore
import NIOEmbedded
import Testing

@Suite struct `A slow client` {
    @Test(arguments: ["POST /v1/check HTTP/1.1\r\nHo", String(post().dropLast())])
    func `has until the deadline to send a whole request, bytes of it do not put it off`(
        part: String
    ) throws {
        let front = try EmbeddedFront { $0.wholeRequest = .seconds(30) }
        front.loop.advanceTime(by: .seconds(20))
        for byte in part.utf8.prefix(25) {
            try front.channel.writeInbound(ByteBuffer(bytes: [byte]))
            front.loop.advanceTime(by: .seconds(1))
        }
        try front.channel.writeInbound(ByteBuffer(bytes: part.utf8.dropFirst(25)))
        front.loop.advanceTime(by: .seconds(4))
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .seconds(1))
        #expect(front.isClosed)
        #expect(front.responder.takeAll().isEmpty)
    }

    @Test func `may take as long for each request`() throws {
        let front = try EmbeddedFront { $0.wholeRequest = .seconds(30) }
        for _ in 0..<4 {
            try front.send("POST")
            front.loop.advanceTime(by: .seconds(29))
            try front.send(String(post().dropFirst(4)))
            front.responder.takeAll().first?.respond("{}")
        }
        #expect(try front.answers().count == 4)
        #expect(!front.isClosed)
    }

    @Test func `is closed when it has been idle for long`() throws {
        let front = try EmbeddedFront { $0.idleConnection = .seconds(75) }
        front.loop.advanceTime(by: .seconds(74))
        try front.send(post())
        front.responder.takeAll().first?.respond("{}")
        front.loop.advanceTime(by: .seconds(74))
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .seconds(1))
        #expect(front.isClosed)
    }

    @Test func `is not the one to blame while it waits for us`() throws {
        let front = try EmbeddedFront { $0.idleConnection = .seconds(75) }
        try front.send(post())
        front.loop.advanceTime(by: .hours(1))
        #expect(!front.isClosed)
        front.responder.takeAll().first?.respond("{}")
        #expect(try front.answers() == ["{}"])
        front.loop.advanceTime(by: .seconds(74))
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .seconds(1))
        #expect(front.isClosed)
    }

    @Test func `that takes no answers is closed, whatever it is owed`() throws {
        let front = try EmbeddedFront { $0.wholeRequest = .seconds(30) }
        try front.send(post())
        front.setWritable(false)
        front.loop.advanceTime(by: .seconds(29))
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .seconds(1))
        #expect(front.isClosed)
        front.responder.takeAll().first?.respond("{}")
    }

    @Test func `that does not take its last answer is closed all the same`() throws {
        let front = try EmbeddedFront { $0.wholeRequest = .seconds(30) }
        try front.channel.pipeline.syncOperations.addHandler(WriteHolder(), position: .first)
        try front.send(post(headers: "Connection: close\r\n"))
        front.responder.takeAll().first?.respond("{}")
        front.loop.advanceTime(by: .seconds(29))
        #expect(!front.isClosed)
        front.loop.advanceTime(by: .seconds(1))
        #expect(front.isClosed)
    }

    @Test func `is left to the ordinary pipeline's deadlines once it is there`() throws {
        let front = try EmbeddedFront()
        try front.send("GET / HTTP/1.1\r\n")
        front.loop.advanceTime(by: .hours(1))
        #expect(!front.isClosed)
    }
}
