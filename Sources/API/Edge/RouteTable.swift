import Entitlements
import HTTPTypes
import Hummingbird
import Limits
import Service

/// What Hummingbird says went wrong, in the contract's words; and which methods a path has.
struct RouteTable: Sendable {
    private(set) var routes: [(method: HTTPRequest.Method, path: [Substring])] = []

    mutating func add(_ method: HTTPRequest.Method, _ path: String) {
        routes.append((method, path.split(separator: "/")))
    }

    func refusal(of error: HTTPError, method: HTTPRequest.Method, path: String) -> Refusal {
        switch error.status.code {
        case 404:
            return notFound(method: method, path: path)
        case 413:
            return .bodyTooLarge()
        case 503:
            return .overloaded
        default:
            return Refusal(.malformedJSON, error.body ?? "the request cannot be read")
        }
    }

    /// The methods that a path has, sorted; none for a path that is not there.
    func methods(of path: String) -> [String] {
        let parts = path.split(separator: "/")
        return routes.filter { Self.matches($0.path, parts) }.map(\.method.rawValue).sorted()
    }

    private func notFound(method: HTTPRequest.Method, path: String) -> Refusal {
        let methods = methods(of: path)
        guard !methods.isEmpty, !methods.contains(method.rawValue) else {
            return Refusal(
                .notFound,
                "there is nothing at \(path.prefix(128))",
                remedy: "see /openapi.json"
            )
        }
        return Refusal(
            .methodNotAllowed,
            "\(method.rawValue.prefix(16)) is not a method of this path",
            remedy: "use \(methods.joined(separator: " or "))"
        )
    }

    private static func matches(_ template: [Substring], _ path: [Substring]) -> Bool {
        template.count == path.count
            && zip(template, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
