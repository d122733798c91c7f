import CCurl

/// Why a call has no answer.
///
/// The text is for operators and never carries a header or a URL.
package enum OutboundError: Error, Sendable, Equatable {
    /// The URL cannot be used; the text says why, without repeating it.
    case invalidURL(String)
    /// The host resolves to a private address that is not in the allowed networks.
    case addressRefused(host: String, address: String)
    /// Plain http to a host outside of the allowed networks.
    case insecureTransport(String)
    /// The answer's head or body is larger than that many bytes.
    case tooLarge(limit: Int)
    case timeout
    /// The TLS handshake failed, or the certificate is not trusted.
    case tls(String)
    /// Any other failure on the way, with libcurl's code.
    case transport(code: Int32, message: String)
    /// The endpoint takes no call now: its breaker is open, it asked us to wait, or its rate is
    /// used up. Nothing was sent.
    case breakerOpen(retryAfter: Duration)
    /// The client was shut down; the call may or may not have been carried out.
    case shutDown

    /// The caller's task was cancelled, and the transfer with it.
    package static let cancelled = OutboundError.transport(
        code: Int32(ccurl_aborted),
        message: "cancelled by the caller"
    )
}

extension OutboundError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidURL(let reason):
            "the URL cannot be used: \(reason)"
        case .addressRefused(let host, let address):
            "'\(host)' is at the private address \(address); "
                + "if that is meant, add it to the allowed private networks"
        case .insecureTransport(let host):
            "'\(host)' would be called by plain http; use https, "
                + "or add its network to the allowed private networks"
        case .tooLarge(let limit):
            "the answer is larger than \(limit) bytes"
        case .timeout:
            "no answer in time"
        case .tls(let message):
            "no trusted TLS connection: \(message)"
        case .transport(let code, let message):
            "the call failed: \(message) (libcurl \(code))"
        case .breakerOpen(let retryAfter):
            "the endpoint takes no calls at present; next in \(retryAfter)"
        case .shutDown:
            "the client was shut down"
        }
    }
}
