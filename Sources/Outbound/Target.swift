import CCurl

/// Where a URL leads, as libcurl itself reads it.
///
/// The same parser judges and connects, so there is no URL that means one host here and another
/// there.
struct Target: Sendable, Equatable {
    let tls: Bool
    let host: String
    let port: UInt16

    /// What libcurl counts connections by.
    var lane: String { "\(host.lowercased()):\(port)" }

    /// - Throws: `OutboundError.invalidURL`, whose text never repeats the URL: it may hold a secret.
    init(_ url: String) throws(OutboundError) {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidURL("it has a space, control or non-ASCII character; percent-encode it")
        }
        var scheme = [CChar](repeating: 0, count: 16)
        // A DNS name has at most 253 bytes.
        var host = [CChar](repeating: 0, count: 256)
        var port: UInt16 = 0
        // Both arrays are passed with their sizes, for the length of the call; the text that comes
        // back is static.
        if let problem = unsafe ccurl_url_parse(
            url,
            &scheme,
            scheme.count,
            &host,
            host.count,
            &port
        ) {
            throw .invalidURL(unsafe Self.reason(String(cString: problem)))
        }
        switch Self.text(scheme) {
        case "https": tls = true
        case "http": tls = false
        default: throw .invalidURL("its scheme is not https")
        }
        self.host = Self.text(host)
        self.port = port
    }

    private static func reason(_ problem: String) -> String {
        problem == "User was not allowed"
            ? "user info is not allowed; send credentials in a header" : problem
    }

    private static func text(_ terminated: [CChar]) -> String {
        String(decoding: terminated.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
