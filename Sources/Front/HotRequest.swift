package import NIOCore
import Limits

/// One request in the plain form that the front takes, with all that an answer may depend on.
package struct HotRequest: Sendable {
    /// The ``HotRoute/id`` of the route that matched.
    package let route: Int
    /// What followed the path of a route that takes a name.
    package let name: String?
    /// The credentials of `Authorization: Bearer …`; nil when there is no such header.
    package let bearer: String?
    /// `X-Request-Id`, when it is well-formed; it is echoed with the answer.
    package let requestID: String?
    /// `Idempotency-Key` as it was sent, 1 to 255 visible characters; nil without one.
    package let idempotencyKey: String?
    /// The whole body; empty for `GET`.
    package let body: [UInt8]
    /// Whether the connection stays open after the answer.
    package let keepAlive: Bool
    /// When the last byte of the request was read, by the clock of the event loop.
    package let receivedAt: NIODeadline

    package init(
        route: Int,
        name: String? = nil,
        bearer: String?,
        requestID: String?,
        idempotencyKey: String? = nil,
        body: [UInt8],
        keepAlive: Bool,
        receivedAt: NIODeadline
    ) {
        self.route = route
        self.name = name
        self.bearer = bearer
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
        self.body = body
        self.keepAlive = keepAlive
        self.receivedAt = receivedAt
    }

    /// Whether an `X-Request-Id` is taken over: 1 to 128 visible ASCII characters.
    ///
    /// The ordinary pipeline asks here as well, so that both treat an id the same.
    package static func isWellFormed(requestID: String) -> Bool {
        let bytes = requestID.utf8
        return !bytes.isEmpty && bytes.count <= Limits.requestIDCharacters
            && bytes.allSatisfy(\.isVisible)
    }

    /// The same, on bytes that are not text yet.
    static func isWellFormed(requestID range: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        !range.isEmpty && range.count <= Limits.requestIDCharacters
            && bytes.all(in: range, are: \.isVisible)
    }
}
