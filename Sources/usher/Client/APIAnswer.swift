import Entitlements

/// What the service answered, whatever its status.
struct APIAnswer: Sendable {
    let status: Int
    /// The body as it came.
    let text: String
    /// The body's value; null when there was no body.
    let json: JSON
    /// Seconds that the service asks us to stay away.
    let retryAfter: Duration?
    /// From the call to the last byte.
    let duration: Duration

    var isSuccess: Bool { (200..<300).contains(status) }
}
