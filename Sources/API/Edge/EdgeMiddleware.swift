import Front
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Service
import Synchronization

/// The outermost layer: gives every request an id, turns every error into a problem document, and
/// writes one log line.
struct EdgeMiddleware: RouterMiddleware {
    let metrics: EdgeMetrics
    let routes: RouteTable

    func handle(
        _ request: Request,
        context: EdgeContext,
        next: @concurrent (Request, EdgeContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.requestID(of: request)
        var response: Response
        do {
            try WireCheck.check(request)
            response = try await next(request, context)
        } catch {
            let problem = problem(of: error, request: request, context: context)
            response = Response(problem)
            if problem.refusal.code == .methodNotAllowed {
                response.headers[.allow] = routes.methods(of: request.uri.path)
                    .joined(separator: ", ")
            }
            if problem.refusal == WireCheck.ambiguousHost {
                response.close(context.channel, after: problem.body)
            }
        }
        response.headers[.requestID] = context.requestID
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        record(request, response, context)
        return response
    }

    private static func requestID(of request: Request) -> String {
        guard let id = request.headers[.requestID], HotRequest.isWellFormed(requestID: id) else {
            return RequestID.make()
        }
        return id
    }

    private func problem(
        of error: any Error,
        request: Request,
        context: EdgeContext
    ) -> Problem {
        let refusal: Refusal
        if let known = Refusal(error) {
            refusal = known
        } else if let error = error as? HTTPError {
            refusal = routes.refusal(of: error, method: request.method, path: request.uri.path)
        } else {
            context.logger.error(
                "a request failed",
                metadata: context.metadata(["error": "\(error)"])
            )
            refusal = Refusal(
                .internal,
                "something went wrong here; the request id finds it in the log",
                remedy: "report it with the request id"
            )
        }
        return Problem(refusal: refusal, requestID: context.requestID)
    }

    private func record(_ request: Request, _ response: Response, _ context: EdgeContext) {
        let route = context.endpointPath ?? "unknown"
        metrics.record(route: route, method: request.method, status: response.status.code)
        context.logger.debug(
            "request",
            metadata: context.metadata([
                "method": "\(request.method)", "path": "\(request.uri.path)",
                "status": "\(response.status.code)",
            ])
        )
    }
}

/// Requests of the ordinary pipeline, by route and status.
package final class EdgeMetrics: Sendable {
    struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private let counts = Mutex<[Key: Int]>([:])

    package init() {}

    var figures: [Key: Int] { counts.withLock { $0 } }

    func record(route: String, method: HTTPRequest.Method, status: Int) {
        // A method is the caller's text: only those there are, or metrics would grow without bound.
        let known = ["GET", "PUT", "POST", "DELETE", "HEAD"].contains(method.rawValue)
        let key = Key(route: route, method: known ? method.rawValue : "other", status: status)
        counts.withLock { $0[key, default: 0] += 1 }
    }
}

extension Response {
    /// Ends the connection with this answer: what follows on it was framed by a head that two
    /// parsers may read in two ways.
    fileprivate mutating func close(_ channel: any Channel, after bytes: [UInt8]) {
        headers[.connection] = "close"
        body = ResponseBody(contentLength: bytes.count) { writer in
            try await writer.write(ByteBuffer(bytes: bytes))
            channel.close(promise: nil)
        }
    }

    init(_ problem: Problem) {
        var headers: HTTPFields = [.contentType: "\(Problem.contentType)"]
        for (name, value) in problem.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        self.init(
            status: .init(code: problem.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: problem.body))
        )
    }
}
