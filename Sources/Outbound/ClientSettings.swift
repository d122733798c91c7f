import Logging

/// What all calls of one client share.
struct ClientSettings: Sendable {
    let guardian: AddressGuard
    let userAgent: String
    /// A PEM bundle, the only one that is trusted.
    let authorities: String?
    let inFlight: Int
    let logger: Logger
}
