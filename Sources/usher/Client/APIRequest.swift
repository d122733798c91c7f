import Entitlements

/// One call of the service's API.
struct APIRequest: Sendable {
    let method: String
    /// The path's segments, not yet encoded: names come from people.
    let path: [String]
    /// Entries without a value are left out.
    var query: [(name: String, value: String?)] = []
    var body: Body = .none
    var headers: [(name: String, value: String)] = []
    /// Whether the call carries the API key; a provider's webhooks carry a signature instead.
    var isAuthenticated = true

    enum Body: Sendable {
        case none
        case json(JSON)
        /// Bytes that were signed and must arrive as they are.
        case signed([UInt8])
    }

    static func get(_ path: String..., query: [(name: String, value: String?)] = []) -> APIRequest {
        APIRequest(method: "GET", path: path, query: query)
    }

    static func put(_ path: String..., body: JSON) -> APIRequest { put(path, body: body) }

    static func put(_ path: [String], body: JSON) -> APIRequest {
        APIRequest(method: "PUT", path: path, body: .json(body))
    }

    static func post(_ path: String..., body: JSON? = nil) -> APIRequest {
        APIRequest(method: "POST", path: path, body: body.map { .json($0) } ?? .none)
    }

    static func delete(_ path: String..., reason: String? = nil) -> APIRequest {
        APIRequest(method: "DELETE", path: path, query: [("reason", reason)])
    }
}

extension APIRequest {
    /// The path and query as they go over the wire.
    var target: String {
        let path = path.map { "/" + $0.percentEncoded }.joined()
        let pairs = query.compactMap { entry in
            entry.value.map { "\(entry.name)=\($0.percentEncoded)" }
        }
        return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }

    var bytes: [UInt8]? {
        switch body {
        case .none: nil
        case .json(let json): Array(json.description.utf8)
        case .signed(let bytes): bytes
        }
    }
}

extension String {
    /// The text with all but RFC 3986's unreserved characters and `:` percent-encoded; a colon is
    /// part of names and stands for itself in paths and queries.
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
