import NIOCore

extension HotResponse {
    /// What is known of an answer besides its content when it is written.
    struct Envelope {
        /// The lines that all answers of this second share; each ends with CR LF.
        let commonLines: [UInt8]
        let requestID: String?
        /// Whether this is the last answer of the connection.
        let closes: Bool
    }

    /// The whole answer in one buffer that is allocated once.
    func encoded(in envelope: Envelope, allocator: ByteBufferAllocator) -> ByteBuffer {
        precondition((200...599).contains(status), "a hot answer has a final status")
        var buffer = allocator.buffer(capacity: capacity(in: envelope))
        writeStatusLine(into: &buffer)
        if contentType.utf8CodeUnitCount > 0 {
            buffer.writeStaticString("Content-Type: ")
            buffer.writeStaticString(contentType)
            buffer.writeStaticString("\r\n")
        }
        if mayHaveBody {
            buffer.writeStaticString("Content-Length: ")
            buffer.writeString(String(body.count))
            buffer.writeStaticString("\r\n")
        }
        buffer.writeBytes(envelope.commonLines)
        if let requestID = envelope.requestID {
            buffer.writeStaticString("X-Request-Id: ")
            buffer.writeString(requestID)
            buffer.writeStaticString("\r\n")
        }
        if envelope.closes { buffer.writeStaticString("Connection: close\r\n") }
        for (name, value) in extraHeaders { Self.writeField(name, value, into: &buffer) }
        buffer.writeStaticString("\r\n")
        if mayHaveBody { buffer.writeBytes(body) }
        return buffer
    }

    private var mayHaveBody: Bool { status != 204 && status != 304 }

    /// At least what the answer takes: 160 bytes hold all that is fixed.
    private func capacity(in envelope: Envelope) -> Int {
        var bytes = 160 + body.count + contentType.utf8CodeUnitCount + envelope.commonLines.count
        if let requestID = envelope.requestID { bytes += requestID.utf8.count }
        for (name, value) in extraHeaders { bytes += name.utf8.count + value.utf8.count + 4 }
        return bytes
    }

    private func writeStatusLine(into buffer: inout ByteBuffer) {
        switch status {
        case 200: buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        case 400: buffer.writeStaticString("HTTP/1.1 400 Bad Request\r\n")
        case 401: buffer.writeStaticString("HTTP/1.1 401 Unauthorized\r\n")
        case 403: buffer.writeStaticString("HTTP/1.1 403 Forbidden\r\n")
        case 404: buffer.writeStaticString("HTTP/1.1 404 Not Found\r\n")
        case 409: buffer.writeStaticString("HTTP/1.1 409 Conflict\r\n")
        case 422: buffer.writeStaticString("HTTP/1.1 422 Unprocessable Content\r\n")
        case 429: buffer.writeStaticString("HTTP/1.1 429 Too Many Requests\r\n")
        case 500: buffer.writeStaticString("HTTP/1.1 500 Internal Server Error\r\n")
        case 503: buffer.writeStaticString("HTTP/1.1 503 Service Unavailable\r\n")
        default: buffer.writeString("HTTP/1.1 \(status) \r\n")  // the phrase may be empty
        }
    }

    private static func writeField(_ name: String, _ value: String, into buffer: inout ByteBuffer) {
        precondition(
            !name.isEmpty && name.utf8.allSatisfy(\.isTokenCharacter),
            "a header name is a token"
        )
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeBytes(value.utf8.lazy.map { $0.isControl ? .space : $0 })
        buffer.writeStaticString("\r\n")
    }
}
