import HTTPTypes
import Hummingbird
import Limits
import Service

/// What the decoder lets pass and nobody should act on: checked before anything else of a request.
enum WireCheck {
    /// Refuses heads that are too large, bodies that say so themselves, and more or less than one
    /// Host, which two parsers on the way could read in two ways.
    static func check(_ request: Request) throws(Refusal) {
        let size = request.headers.reduce(0) {
            $0 + $1.name.rawName.utf8.count + $1.value.utf8.count
        }
        guard size + request.uri.string.utf8.count <= Limits.headerBytes else {
            throw Refusal(
                .headersTooLarge,
                "the head of the request is larger than \(Limits.headerBytes) bytes",
                field: "headers",
                remedy: "send fewer or shorter headers"
            )
        }
        guard request.head.authority != nil, request.headers[values: .host].isEmpty else {
            throw ambiguousHost
        }
        if let text = request.headers[.contentLength], let length = Int(text),
            length > Limits.bodyBytes
        {
            throw .bodyTooLarge()
        }
    }

    static let ambiguousHost = Refusal(
        .invalidField,
        "a request has exactly one Host",
        field: "Host",
        remedy: "send one Host header"
    )
}

extension HTTPField.Name {
    /// The first Host is the authority by now; here are those that came after it.
    fileprivate static var host: HTTPField.Name { knownName("Host") }
}

extension Refusal {
    static func bodyTooLarge(most: Int = Limits.bodyBytes) -> Refusal {
        Refusal(
            .bodyTooLarge,
            "the body is larger than \(most) bytes",
            field: "body",
            remedy: "send less"
        )
    }
}
