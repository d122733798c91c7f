import Front
import Testing

/// Streams of mutated requests, the same for the same seed.
struct StreamMutator {
    private var random: Seeded

    init(seed: UInt64) { random = Seeded(seed: seed) }

    private static let corpus: [String] = [
        post(body: "1"), post(headers: "Authorization: Bearer uk_1\r\nX-Request-Id: r-1\r\n"),
        post("/v1/check/batch", headers: "Content-Type: application/json\r\n"),
        post(headers: "User-Agent: a/1\r\nAccept: */*\r\nConnection: keep-alive\r\n"),
        post(headers: "X-Forwarded-For: 10.0.0.1\r\ntraceparent: 00-4bf9-00f0-01\r\n"),
        "GET /gateway/nginx HTTP/1.1\r\nHost: a:80\r\nAuthorization: Bearer t\r\n\r\n",
        post(headers: "Connection: close\r\n"), "GET /cold HTTP/1.1\r\nHost: a\r\n\r\n",
        post("/cold", headers: "Expect: 100-continue\r\n"),
        bare("Host: a\r\nTransfer-Encoding: chunked\r\n", body: "1\r\na\r\n0\r\n\r\n"),
    ]
    private static let bytes = Array("\r\n\0\t :-,;=/?%019aZ\u{7F}\u{80}\u{1F}".utf8)
    private static let lines = [
        "Host: b", "Content-Length: 3", "Content-Length: 03", "Transfer-Encoding: chunked",
        "Expect: 100-continue", "Connection: close", "Connection: x", " folded", "X-A:b", ": a",
        "Authorization: Basic a", "Authorization: Bearer z", "Content-Type: text/plain", "X",
        "X-Request-Id: q", "Host :c", "Upgrade: h2c", "Connection: keep-alive", "X-T: \t",
    ]
    .map { Array("\($0)\r\n".utf8) }

    /// The next stream: up to four requests, with up to three mistakes.
    mutating func next() -> [UInt8] {
        var stream: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            stream += Array(Self.corpus[Int.random(in: Self.corpus.indices, using: &random)].utf8)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&stream) }
        return stream
    }

    private mutating func mutate(_ stream: inout [UInt8]) {
        guard !stream.isEmpty else { return }
        let place = Int.random(in: stream.indices, using: &random)
        let byte = Self.bytes[Int.random(in: Self.bytes.indices, using: &random)]
        switch Int.random(in: 0..<8, using: &random) {
        case 0: stream[place] = byte
        case 1: stream.insert(byte, at: place)
        case 2: stream.remove(at: place)
        case 3: stream[place] ^= 0x20
        case 4 where place > stream.count / 2: stream.removeSubrange(place...)
        case 5:  // a line once more
            let start = stream[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
            let end = stream[place...].firstIndex(of: 10).map { $0 + 1 } ?? stream.count
            stream.insert(contentsOf: stream[start..<end], at: end)
        default:  // another line
            guard let end = stream[place...].firstIndex(of: 10) else { return }
            let line = Self.lines[Int.random(in: Self.lines.indices, using: &random)]
            stream.insert(contentsOf: line, at: end + 1)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Any stream of requests` {
    static let streams = 2_500

    @Test func `gets the same answers with the front as without`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("SEED=\(seed)")
        try await LiveServer.run(.fronted) { fronted in
            try await LiveServer.run(.plain) { plain in
                var mutator = StreamMutator(seed: seed)
                var hot = 0
                for number in 0..<Self.streams {
                    let stream = mutator.next()
                    let with = try await answers(to: stream, port: fronted.port)
                    let without = try await answers(to: stream, port: plain.port)
                    hot += with.count(where: \.isHot)
                    let text = String(decoding: stream, as: UTF8.self).debugDescription
                    #expect(with == without, "SEED=\(seed) stream \(number): \(text)")
                }
                #expect(hot > Self.streams / 2, "the front answered too little to be compared")
            }
        }
    }

    private func answers(to stream: [UInt8], port: Int) async throws -> [RawAnswer] {
        try await RawClient.connected(to: port) { client in
            try await client.send(stream)
            client.sendNoMore()
            return await client.answers()
        }
    }
}
