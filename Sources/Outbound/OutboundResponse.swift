import CCurl
import Limits

/// A whole answer, whatever its status: a 404 or a 500 is an answer, not an error.
package struct OutboundResponse: Sendable {
    package let status: Int
    /// In the order of arrival, names as sent.
    package let headers: [(name: String, value: String)]
    /// As sent; nothing is decoded, since no encoding was offered.
    package let body: [UInt8]
    /// How long the peer asks us to stay away, never more than `Limits.retryAfterMost`.
    package let retryAfter: Duration?
    /// From the call to the last byte, waiting for a free slot included.
    package let duration: Duration

    package init(
        status: Int,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        retryAfter: Duration? = nil,
        duration: Duration = .zero
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.retryAfter = retryAfter
        self.duration = duration
    }

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Reads a `Retry-After`, which is seconds or an HTTP date.
    ///
    /// - Parameters:
    ///   - text: The header's value.
    ///   - now: Seconds since 1970, against which a date is measured. One that has passed is zero.
    /// - Returns: At most `Limits.retryAfterMost`; nil when the text is neither.
    package static func retryAfter(_ text: String, now: Int64) -> Duration? {
        let most = Limits.retryAfterMost
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // More digits than an Int64 holds ask for more than the cap anyhow.
            return Int64(text).map { min(.seconds($0), most) } ?? most
        }
        // A weekday comes first in all three forms of an HTTP date. libcurl's own parser is more
        // generous, and would take a lone "-5" or "12:30" for a date.
        guard let first = text.utf8.first, (0x41...0x5A).contains(first) else { return nil }
        // The text is passed for the length of the call.
        let date = unsafe ccurl_date_seconds(text)
        guard date >= 0 else { return nil }
        return min(max(.seconds(date - now), .zero), most)
    }
}
