import Limits

/// One call to another service.
///
/// Credentials belong in `headers` and nowhere else: URLs end up in errors and logs of both sides.
package struct OutboundRequest: Sendable {
    package var method: String
    /// `https`, or `http` to an address of an allowed private network.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    package var connectTimeout: Duration
    /// For the whole call, waiting for a free slot included.
    package var timeout: Duration
    /// Whether a refusal of it says nothing of our credentials: it may ask for more than they allow.
    package var mayBeRefused: Bool
    /// Largest body that is taken.
    package var maximumBytes: Int

    package init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        connectTimeout: Duration = Limits.callbackConnect,
        timeout: Duration = Limits.callback,
        mayBeRefused: Bool = false,
        maximumBytes: Int = Limits.callbackBytes
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.mayBeRefused = mayBeRefused
        self.maximumBytes = maximumBytes
    }
}
