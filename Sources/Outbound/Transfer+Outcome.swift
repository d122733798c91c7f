import CCurl
import Glibc
import Limits

extension Transfer {
    /// Whether a second try on a new connection is due.
    ///
    /// A pooled connection that the peer closed meanwhile fails only when it is used, and libcurl 7
    /// reports that over TLS instead of trying another (curl#10646).
    func deservesAnother(after code: Int32, now: ContinuousClock.Instant) -> Bool {
        let codes = [ccurl_got_nothing, ccurl_send_error, ccurl_receive_error].map { Int32($0) }
        return !fresh && call.request.method == "GET" && codes.contains(code)
            && now < call.deadline
    }

    /// Reads the end of the transfer.
    func outcome(of code: Int32, now: ContinuousClock.Instant) -> Call.Outcome {
        guard code == 0 else { return .failure(error(of: code)) }
        let after = collector.headers.first { $0.name.lowercased() == "retry-after" }
        return .success(
            OutboundResponse(
                status: handle.status,
                headers: collector.headers,
                body: collector.body,
                retryAfter: after.flatMap {
                    OutboundResponse.retryAfter($0.value, now: Int64(time(nil)))
                },
                duration: now - call.began
            )
        )
    }

    private func error(of code: Int32) -> OutboundError {
        if let exceeded = collector.exceeded { return .tooLarge(limit: exceeded) }
        if code == ccurl_could_not_connect, let refusal = collector.refusal {
            return refusal.verdict == .insecure
                ? .insecureTransport(call.target.host)
                : .addressRefused(host: call.target.host, address: "\(refusal.address)")
        }
        return switch Int(code) {
        case ccurl_unsupported_protocol, ccurl_url_malformed: .invalidURL(handle.text(of: code))
        case ccurl_timed_out: .timeout
        case ccurl_file_size_exceeded: .tooLarge(limit: call.request.maximumBytes)
        case ccurl_tls_connect_error, ccurl_tls_certificate_problem, ccurl_tls_cipher,
            ccurl_tls_peer_refused, ccurl_tls_shutdown_failed, ccurl_tls_authority_file,
            ccurl_tls_issuer, ccurl_tls_pinned_key, ccurl_tls_status:
            .tls(handle.text(of: code))
        default: .transport(code: code, message: handle.text(of: code))
        }
    }
}
