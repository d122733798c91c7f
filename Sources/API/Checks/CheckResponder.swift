package import Front
package import NIOCore
package import Service
import Store
import Synchronization

/// Answers the hot routes: from the event loop to the barrier and back, two hops a batch.
///
/// What arrived in one tick of an event loop is submitted together. Each check is decided and
/// written down on the barrier's queue; the finished answers go back to their loop together.
package struct CheckResponder: HotResponder {
    private let usher: UsherService
    private let metrics: CheckMetrics
    private let outboxes: Outboxes

    package init(service: UsherService, metrics: CheckMetrics) {
        usher = service
        self.metrics = metrics
        outboxes = Outboxes(metrics: metrics)
    }

    package static let routes = CheckCall.Route.allCases.map(\.hotRoute)

    package func respond(to exchanges: [HotExchange], on eventLoop: any EventLoop) {
        let outbox = outboxes.outbox(of: eventLoop)
        usher.barrier.submit(exchanges.map { job($0, outbox: outbox) })
    }

    private func job(_ exchange: HotExchange, outbox: Outbox) -> BarrierJob {
        let request = exchange.request
        let route = CheckCall.Route(rawValue: request.route) ?? .check
        let call = CheckCall(
            route,
            body: request.body,
            caller: outbox.digest(of: request.bearer)
        )
        return BarrierJob(
            session: call.session,
            caller: .key(call.caller),
            client: outbox
        ) { [usher] result in
            let answer = call.answer(result, by: usher) {
                request.requestID ?? RequestID.make()
            }
            outbox.add(exchange, answer)
        }
    }
}

/// One outbox an event loop, made when the loop's first check arrives.
private final class Outboxes: Sendable {
    private let metrics: CheckMetrics
    private let byLoop = Mutex<[ObjectIdentifier: Outbox]>([:])

    init(metrics: CheckMetrics) {
        self.metrics = metrics
    }

    func outbox(of eventLoop: any EventLoop) -> Outbox {
        byLoop.withLock { outboxes in
            if let outbox = outboxes[ObjectIdentifier(eventLoop)] { return outbox }
            let outbox = Outbox(eventLoop: eventLoop, metrics: metrics)
            outboxes[ObjectIdentifier(eventLoop)] = outbox
            return outbox
        }
    }
}

/// Finished answers on their way back to one event loop.
private final class Outbox: BarrierClient {
    private struct Finished {
        let exchange: HotExchange
        let answer: CheckAnswer
    }

    private let eventLoop: any EventLoop
    private let metrics: CheckMetrics
    private let finished = Mutex<[Finished]>([])
    private let lastKey = Mutex<(key: String, digest: KeyDigest)?>(nil)

    init(eventLoop: any EventLoop, metrics: CheckMetrics) {
        self.eventLoop = eventLoop
        self.metrics = metrics
    }

    /// Callers send one key again and again; only its digest is remembered, never whether it opens
    /// anything.
    func digest(of bearer: String?) -> KeyDigest? {
        guard let bearer else { return nil }
        return lastKey.withLock { last in
            if let last, last.key == bearer { return last.digest }
            let digest = KeyDigest(of: bearer)
            last = (bearer, digest)
            return digest
        }
    }

    func add(_ exchange: HotExchange, _ answer: CheckAnswer) {
        finished.withLock { $0.append(Finished(exchange: exchange, answer: answer)) }
    }

    func flush() {
        let batch = finished.withLock { finished in
            defer { finished = [] }
            return finished
        }
        guard !batch.isEmpty else { return }
        eventLoop.execute { [metrics] in
            for item in batch { item.exchange.respond(item.answer.response) }
            let now = NIODeadline.now()
            metrics.record(
                batch.map { item in
                    CheckMetrics.Sample(
                        allowed: item.answer.allowed,
                        denied: item.answer.denied,
                        nanoseconds: now.uptimeNanoseconds
                            &- item.exchange.request.receivedAt.uptimeNanoseconds
                    )
                }
            )
        }
    }
}
