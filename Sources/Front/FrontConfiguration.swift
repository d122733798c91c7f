import Limits

/// The bounds of the front; the defaults are the service's.
package struct FrontConfiguration: Sendable {
    /// Largest request line and header section together, with their blank line.
    package var headerBytes = Limits.headerBytes
    /// Most header fields of one request.
    package var headerFields = Limits.hotHeaderFields
    /// Largest body.
    package var bodyBytes = Limits.hotBodyBytes
    /// Answers owed on one connection before it is no longer read.
    package var owedAnswers = Limits.hotOwedAnswers
    /// From the first byte of a request to its last, and for a client to take its answers.
    package var wholeRequest = Limits.wholeRequest
    /// How long a connection may sit idle between requests.
    package var idleConnection = Limits.idleConnection
    /// How long an idle connection may still send its last request once it was told to quiesce.
    package var quiesceGrace = Limits.quiesceGrace
    /// Headers whose presence sends a request to the ordinary pipeline, because they change what
    /// the request means and ``HotRequest`` does not carry them.
    package var coldHeaders = ["Content-Encoding"]

    package init() {}
}
