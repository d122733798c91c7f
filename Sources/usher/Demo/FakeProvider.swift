import Entitlements
import Hummingbird
import Logging
import Synchronization

/// A billing provider on this machine, with as much of Stripe's API as a callback asks for.
///
/// It knows what `put(_:)` told it, and takes any key.
final class FakeProvider: Sendable {
    private struct State {
        var subscriptions: [String: StripeSubscription] = [:]
        var calls = 0
    }

    private let state = Mutex(State())

    /// How often the provider was asked.
    var calls: Int { state.withLock { $0.calls } }

    /// Sets what the provider says about a subscription from now on.
    func put(_ subscription: StripeSubscription) {
        state.withLock { $0.subscriptions[subscription.id] = subscription }
    }

    /// Serves on 127.0.0.1 for as long as the body runs.
    ///
    /// - Throws: What the body throws, or that the port cannot be had.
    func serve<Result: Sendable>(
        port: Int,
        while body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let (running, isRunning) = AsyncStream.makeStream(of: Void.self)
        let server = Application(
            router: router(),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { _ in isRunning.finish() },
            logger: Logger(label: "usher.demo") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                do {
                    try await server.run()
                } catch let error where !(error is CancellationError) {
                    throw CommandFailure(
                        "The demo's provider cannot listen on 127.0.0.1:\(port): \(error). "
                            + "Is another demo running?"
                    )
                }
                return nil
            }
            group.addTask {
                for await _ in running {}
                return try await body()
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let result = ended { return result }
            }
            throw CancellationError()
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("v1/subscriptions/:id") { _, context in
            let id = try context.parameters.require("id")
            guard let found = self.subscriptions(where: { $0.id == id }).first else {
                return Self.answer(
                    .notFound,
                    ["error": ["type": "invalid_request_error", "code": "resource_missing"]]
                )
            }
            return Self.answer(.ok, found.json)
        }
        router.get("v1/subscriptions") { request, _ in
            let customer = request.uri.queryParameters["customer"].map(String.init)
            let found = self.subscriptions { customer == nil || $0.customer == customer }
            return Self.answer(
                .ok,
                [
                    "object": "list", "url": "/v1/subscriptions", "has_more": false,
                    "data": .array(found.map(\.json)),
                ]
            )
        }
        return router
    }

    private func subscriptions(
        where matches: (StripeSubscription) -> Bool
    ) -> [StripeSubscription] {
        state.withLock { state in
            state.calls += 1
            return state.subscriptions.values.filter(matches).sorted { $0.id < $1.id }
        }
    }

    private static func answer(_ status: HTTPResponse.Status, _ json: JSON) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: json.description))
        )
    }
}
