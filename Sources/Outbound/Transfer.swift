import CCurl
import Limits

/// One call inside libcurl.
///
/// Lives on the worker's thread alone.
final class Transfer {
    let call: Call
    /// Whether this is the second try, on a connection of its own.
    let fresh: Bool
    let collector: Collector
    private(set) var handle: EasyHandle

    init(
        _ call: Call,
        settings: ClientSettings,
        now: ContinuousClock.Instant,
        fresh: Bool
    ) throws(OutboundError) {
        self.call = call
        self.fresh = fresh
        collector = Collector(
            guardian: settings.guardian,
            tls: call.target.tls,
            maximumBytes: call.request.maximumBytes
        )
        handle = unsafe EasyHandle(id: call.id, callbacks: collector.callbacks)
        setRules(settings)
        setBounds(now: now)
        setRequest()
        try setHeaders()
        guard handle.failure == 0 else {
            throw .transport(code: handle.failure, message: handle.text(of: handle.failure))
        }
    }
}

// In all of these a Swift string or array is passed for the length of one call, and libcurl copies.
extension Transfer {
    private func setRules(_ settings: ClientSettings) {
        let scheme = call.target.tls ? "https" : "http"
        unsafe handle.set { raw in unsafe ccurl_set_protocols(raw, scheme) }
        unsafe handle.set { raw in unsafe ccurl_set_follow_redirects(raw, false) }
        // A proxy of the environment would hide the address from the guard.
        unsafe handle.set { raw in unsafe ccurl_set_proxy(raw, "") }
        unsafe handle.set { raw in unsafe ccurl_set_netrc(raw, false) }
        unsafe handle.set { raw in unsafe ccurl_set_tls_verified(raw) }
        if let authorities = settings.authorities {
            unsafe handle.set { raw in unsafe ccurl_set_authorities(raw, authorities) }
        }
        unsafe handle.set { raw in unsafe ccurl_set_http_1_1(raw) }
        unsafe handle.set { raw in unsafe ccurl_set_user_agent(raw, settings.userAgent) }
        unsafe handle.set { raw in unsafe ccurl_set_no_signal(raw, true) }
        unsafe handle.set { raw in unsafe ccurl_set_tcp_keepalive(raw, true) }
        // Without it, giving up on a name that does not resolve blocks every other transfer until
        // the resolver's thread returns; with it that thread frees itself.
        unsafe handle.set { raw in unsafe ccurl_set_quick_exit(raw, true) }
    }

    private func setBounds(now: ContinuousClock.Instant) {
        let request = call.request
        let left = max(call.deadline - now, .milliseconds(1))
        let connect = max(min(request.connectTimeout, left), .milliseconds(1))
        let age = Int(Limits.callbackConnectionAge.components.seconds)
        unsafe handle.set { raw in unsafe ccurl_set_timeout_ms(raw, left.milliseconds) }
        unsafe handle.set { raw in unsafe ccurl_set_connect_timeout_ms(raw, connect.milliseconds) }
        // Ends an announced excess before its first byte; the collector counts in any case.
        unsafe handle.set { raw in
            unsafe ccurl_set_maximum_bytes(raw, Int64(request.maximumBytes))
        }
        unsafe handle.set { raw in unsafe ccurl_set_connection_age_s(raw, age) }
        unsafe handle.set { raw in unsafe ccurl_set_fresh_connect(raw, fresh) }
    }

    private func setRequest() {
        let request = call.request
        unsafe handle.set { raw in unsafe ccurl_set_url(raw, request.url) }
        switch (request.method, request.body) {
        case ("GET", nil): break
        case ("HEAD", nil): unsafe handle.set { raw in unsafe ccurl_set_no_body(raw, true) }
        case ("DELETE", nil):
            unsafe handle.set { raw in unsafe ccurl_set_method(raw, "DELETE") }
        case (let method, let body):
            let bytes = body ?? []
            unsafe handle.set { raw in unsafe ccurl_set_body(raw, bytes, bytes.count) }
            unsafe handle.set { raw in unsafe ccurl_set_method(raw, method) }
        }
    }

    private func setHeaders() throws(OutboundError) {
        let request = call.request
        guard request.method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw .unusable("the method may only have letters from A to Z")
        }
        for header in request.headers {
            // A line break would begin a header, or a request, of the caller's input.
            guard header.name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A }),
                !header.name.isEmpty,
                header.value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) })
            else { throw .unusable("a header has a line break or another control character") }
            // "Name:" would take the header away; this form sends it empty.
            handle.add(
                header: header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
            )
        }
        // libcurl would wait a second for the 100 of a peer that never sends one.
        handle.add(header: "Expect:")
        // libcurl would call every body without a type a form.
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            handle.add(header: "Content-Type:")
        }
    }
}

extension OutboundError {
    fileprivate static func unusable(_ message: String) -> OutboundError {
        .transport(code: Int32(ccurl_bad_argument), message: message)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a wait never ends early.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let part = attoseconds / 1_000_000_000_000_000
        let more: Int64 = attoseconds % 1_000_000_000_000_000 > 0 ? 1 : 0
        return Int(seconds * 1_000 + part + more)
    }
}
