/// An answer of the front.
///
/// Content-Length, Date, `Cache-Control: no-store`, the echo of X-Request-Id and
/// `Connection: close` are added when it is written; they do not belong into ``extraHeaders``.
package struct HotResponse: Sendable {
    /// A final status, 200 to 599.
    package var status: Int
    /// Empty for none.
    package var contentType: StaticString
    /// Not sent with 204 and 304, which have none.
    package var body: [UInt8]
    /// Names are tokens; a control byte in a value is sent as a space, so it cannot end the line.
    package var extraHeaders: [(String, String)]

    package init(
        status: Int = 200,
        contentType: StaticString = "application/json",
        body: [UInt8],
        extraHeaders: [(String, String)] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.extraHeaders = extraHeaders
    }
}
