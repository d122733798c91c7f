/// The part of a callback's URL that comes from the operator, never from a payload.
enum BaseURL {
    static let remedy = "write https://host[:port][/path], with no user, query or fragment"

    /// The URL without its last slash; nil when it is not one that a path can be put behind.
    ///
    /// Plain http is let through: whether a private network may be called by it is decided where
    /// the address is known, at the socket.
    static func normalised(_ text: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        let host = rest.prefix { $0 != "/" }
        let isPlain = HeaderText.isValue(rest) && !rest.contains { " \"<>\\^`{|}@?#".contains($0) }
        guard isPlain, isHost(host), !rest.split(separator: "/").contains("..") else { return nil }
        var base = text
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }

    /// A name, an address, or an address in brackets, and a port if there is one.
    private static func isHost(_ host: Substring) -> Bool {
        var name = host
        if let colon = host.lastIndex(of: ":"), host.last != "]" {
            guard let port = UInt16(host[host.index(after: colon)...]), port > 0 else {
                return false
            }
            name = host[..<colon]
        }
        if name.hasPrefix("["), name.hasSuffix("]") {
            return name.dropFirst().dropLast().allSatisfy { $0.isHexDigit || ":.".contains($0) }
        }
        return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "-._".contains($0) }
    }
}
