import Limits
import Outbound
import Testing

@Suite struct `A Retry-After` {
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    static let now: Int64 = 784_111_777

    @Test(arguments: [
        (text: "0", wait: Duration.zero),
        (text: "7", wait: .seconds(7)),
        (text: "600", wait: .seconds(600)),
        (text: "601", wait: Limits.retryAfterMost),
        (text: "99999999999999999999999", wait: Limits.retryAfterMost),
        (text: "Sun, 06 Nov 1994 08:49:47 GMT", wait: .seconds(10)),
        (text: "Sunday, 06-Nov-94 08:49:47 GMT", wait: .seconds(10)),
        (text: "Sun Nov  6 08:49:47 1994", wait: .seconds(10)),
        (text: "Sun, 06 Nov 1994 08:49:30 GMT", wait: .zero),
        (text: "Mon, 07 Nov 1994 08:49:37 GMT", wait: Limits.retryAfterMost),
    ])
    func `is seconds or a date, and never more than the cap`(text: String, wait: Duration) {
        #expect(OutboundResponse.retryAfter(text, now: Self.now) == wait)
    }

    @Test(arguments: ["", "-5", "+5", "1.5", "soon", "12:30", "Sun, 99 Foo", "٣", "7 "])
    func `is ignored when it is neither`(text: String) {
        #expect(OutboundResponse.retryAfter(text, now: Self.now) == nil)
    }
}
