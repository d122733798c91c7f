/// Judges a resolved address before a connection to it is made.
///
/// It stands between URLs that somebody configured and the networks that only this host can reach:
/// neighbours, loopback, cloud metadata. It sees the address and not the name, so neither spelling
/// (`2130706433`, `localhost`) nor DNS rebinding gets around it.
struct AddressGuard: Sendable {
    enum Verdict: Sendable, Equatable {
        case allowed
        /// Private, and the operator did not allow it.
        case refused
        /// Public, but without TLS.
        case insecure
    }

    let allowed: [CIDR]

    func judge(_ address: IPAddress, tls: Bool) -> Verdict {
        let faces = [address, address.unwrapped].compactMap { $0 }
        if faces.contains(where: { face in allowed.contains { $0.contains(face) } }) {
            return .allowed
        }
        if faces.contains(where: { face in Self.denied.contains { $0.contains(face) } }) {
            return .refused
        }
        return tls ? .allowed : .insecure
    }

    /// IANA's special-purpose registries, as far as they are not the public Internet.
    static let denied: [CIDR] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
        "240.0.0.0/4",
        // ::/96 holds the unspecified address, loopback and the old v4-compatible form;
        // 64:ff9b:1::/48 is the NAT64 of local networks, 2001::/32 tunnels of Teredo.
        "::/96", "64:ff9b:1::/48", "2001::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    ]
    .map { text in
        do {
            return try CIDR(text)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
