import Entitlements
import HTTPTypes
package import Hummingbird
package import Service
import Store

/// Every call of the ordinary pipeline, by noun; the hot ones are here as well, for requests that
/// the front hands over.
package struct Routes: Sendable {
    let usher: UsherService
    let checkMetrics: CheckMetrics
    let consumeMetrics: CheckMetrics
    let edgeMetrics: EdgeMetrics
    /// `docs/openapi.yaml` as JSON; nil where the file is not there.
    let openAPI: [UInt8]?
    let gauges = GaugeCache()

    package init(
        service: UsherService,
        checkMetrics: CheckMetrics,
        consumeMetrics: CheckMetrics = CheckMetrics(),
        edgeMetrics: EdgeMetrics,
        openAPI: [UInt8]?
    ) {
        usher = service
        self.checkMetrics = checkMetrics
        self.consumeMetrics = consumeMetrics
        self.edgeMetrics = edgeMetrics
        self.openAPI = openAPI
    }

    /// The router with every route and the layers around them.
    package func router() -> Router<EdgeContext> {
        var registry = Registry()
        addChecks(to: &registry)
        addConsume(to: &registry)
        addReservations(to: &registry)
        addLeases(to: &registry)
        addCorrections(to: &registry)
        addMeters(to: &registry)
        addAccounts(to: &registry)
        addSubscriptions(to: &registry)
        addGrants(to: &registry)
        addCredits(to: &registry)
        addSeats(to: &registry)
        addLevels(to: &registry)
        addClock(to: &registry)
        addSessions(to: &registry)
        addCatalog(to: &registry)
        addFlags(to: &registry)
        addOFREP(to: &registry)
        addKeys(to: &registry)
        addBilling(to: &registry)
        addAudit(to: &registry)
        addOperations(to: &registry)
        let router = Router(context: EdgeContext.self)
        router.add(middleware: EdgeMiddleware(metrics: edgeMetrics, routes: registry.table))
        registry.register(on: router)
        return router
    }
}

/// Routes as they are declared: kept to tell which methods a path has.
struct Registry {
    typealias Handler = @Sendable (Request, EdgeContext) async throws -> Response

    private(set) var table = RouteTable()
    private var handlers: [(method: HTTPRequest.Method, path: String, handler: Handler)] = []

    mutating func add(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ handler: @escaping Handler
    ) {
        table.add(method, path)
        handlers.append((method, path, handler))
    }

    func register(on router: Router<EdgeContext>) {
        for (method, path, handler) in handlers {
            router.on(RouterPath(path), method: method) { request, context in
                try await handler(request, context)
            }
        }
    }
}

extension Routes {
    /// Declares a management call: its scope is checked before anything else.
    func add(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        to registry: inout Registry,
        _ handler: @escaping @Sendable (Call) async throws -> Response
    ) {
        registry.add(method, path) { [usher] request, context in
            try await handler(Call(request, context, scope: scope, usher: usher))
        }
    }
}
