import Front
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Limits
import Logging
import NIOCore

/// An application on a port of the loopback, with or without the front.
struct LiveServer: Sendable {
    enum Kind: CaseIterable { case fronted, plain }

    let port: Int

    /// Runs a server for as long as the body takes.
    static func run(
        _ kind: Kind,
        idleTimeout: TimeAmount? = nil,
        _ body: sending @escaping (LiveServer) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let base = HTTP1Channel.Configuration(idleTimeout: idleTimeout)
        let application = Application(
            router: router(),
            server: kind == .plain
                ? .http1(configuration: base)
                : .front(
                    base: .http1(configuration: base),
                    routes: EmbeddedFront.routes,
                    responder: EchoResponder()
                ),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { found.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        let running = Task { try await application.run() }
        defer { running.cancel() }
        for await port in ports {
            try await body(LiveServer(port: port))
            break
        }
        running.cancel()
        _ = await running.result
    }

    private static func router() -> Router<BasicRequestContext> {
        let router = Router()
        for route in EmbeddedFront.routes {
            router.on(
                RouterPath(route.path),
                method: route.method == "GET" ? .get : .post
            ) { request, _ in
                var request = request
                let body = try await request.collectBody(upTo: Limits.bodyBytes)
                return echo(
                    route: route.id,
                    bearer: request.headers[.authorization].map { String($0.dropFirst(7)) },
                    requestID: HTTPField.Name("X-Request-Id").flatMap { request.headers[$0] },
                    body: String(buffer: body)
                )
            }
        }
        router.get("/cold") { _, _ in "cold" }
        router.post("/cold") { request, _ in
            var request = request
            let body = try await request.collectBody(upTo: Limits.bodyBytes)
            return "cold \(body.readableBytes)"
        }
        return router
    }
}

/// The same answer for the same request, in the front and in the router.
func echo(route: Int, bearer: String?, requestID: String?, body: String) -> String {
    let id = requestID.flatMap { HotRequest.isWellFormed(requestID: $0) ? $0 : nil }
    let text = body.utf8.count > 100 ? "\(body.utf8.count) bytes" : body
    return "route \(route), bearer \(bearer ?? "-"), id \(id ?? "-"), body \(text)"
}

struct EchoResponder: HotResponder {
    func respond(to exchanges: [HotExchange], on eventLoop: any EventLoop) {
        for exchange in exchanges {
            let request = exchange.request
            let text = echo(
                route: request.route,
                bearer: request.bearer,
                requestID: request.requestID,
                body: request.text
            )
            // One mark tells a hot answer from a cold one; all else is the same.
            let response = HotResponse(
                contentType: "text/plain; charset=utf-8",
                body: Array(text.utf8),
                extraHeaders: [("X-Hot", "yes")]
            )
            exchange.respond(response)
        }
    }
}
