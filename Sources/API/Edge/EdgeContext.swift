package import Hummingbird
import HTTPTypes
import Logging
import NIOCore

/// One request on its way through the ordinary pipeline.
package struct EdgeContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The caller's `X-Request-Id` if it is well-formed, otherwise one of our own.
    var requestID = ""
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        channel = source.channel
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// What a log line says, with the request's id.
    func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        more.merging(["request_id": "\(requestID)"]) { given, _ in given }
    }
}

extension HTTPField.Name {
    static var requestID: HTTPField.Name { knownName("X-Request-Id") }
    static var idempotencyKey: HTTPField.Name { knownName("Idempotency-Key") }

    static func knownName(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is a token") }
        return field
    }
}
