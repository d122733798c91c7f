package import Front
package import NIOCore
package import Service
import Store
import Synchronization

/// Answers the hot routes: from the event loop to the barrier and back, two hops a batch.
///
/// What arrived in one tick of an event loop is submitted together. Each check is decided and
/// written down on the barrier's queue; the finished answers go back to their loop together. What
/// consumes goes on from the barrier to the writer of meters, all of a barrier together.
package struct CheckResponder: HotResponder {
    private let usher: UsherService
    private let outboxes: Outboxes

    package init(service: UsherService, metrics: CheckMetrics, consumeMetrics: CheckMetrics) {
        usher = service
        outboxes = Outboxes(
            checks: metrics,
            consumes: consumeMetrics,
            writer: service.meters
        )
    }

    package static let routes =
        CheckCall.Route.allCases.map(\.hotRoute) + [ConsumeCall.hotRoute, FlagCall.hotRoute]

    package func respond(to exchanges: [HotExchange], on eventLoop: any EventLoop) {
        let outbox = outboxes.outbox(of: eventLoop)
        usher.barrier.submit(exchanges.map { job($0, outbox: outbox) })
    }

    private func job(_ exchange: HotExchange, outbox: Outbox) -> BarrierJob {
        let request = exchange.request
        guard request.route != ConsumeCall.hotRoute.id else {
            return consumeJob(exchange, outbox: outbox)
        }
        guard request.route != FlagCall.hotRoute.id else {
            return flagJob(exchange, outbox: outbox)
        }
        let route = CheckCall.Route(rawValue: request.route) ?? .check
        let call = CheckCall(
            route,
            body: request.body,
            caller: outbox.digest(of: request.bearer)
        )
        return BarrierJob(
            session: call.session,
            caller: .key(call.caller),
            meters: call.meters,
            client: outbox
        ) { [usher] result in
            let answer = call.answer(result, by: usher) {
                request.requestID ?? RequestID.make()
            }
            outbox.add(exchange, answer)
        }
    }

    private func flagJob(_ exchange: HotExchange, outbox: Outbox) -> BarrierJob {
        let request = exchange.request
        let call = FlagCall(
            flag: request.name,
            body: request.body,
            caller: outbox.digest(of: request.bearer)
        )
        return BarrierJob(
            session: call.question.session,
            caller: .key(call.caller),
            client: outbox
        ) { [usher] result in
            let answer = call.answer(result, by: usher) { request.requestID ?? RequestID.make() }
            outbox.add(exchange, CheckAnswer(answer))
        }
    }

    private func consumeJob(_ exchange: HotExchange, outbox: Outbox) -> BarrierJob {
        let request = exchange.request
        let call = ConsumeCall(
            body: request.body,
            keys: request.idempotencyKey.map { [$0] } ?? [],
            caller: outbox.digest(of: request.bearer)
        )
        return BarrierJob(
            session: call.asker?.session,
            account: call.asker?.account,
            caller: .key(call.caller),
            client: outbox
        ) { [usher] result in
            let order = call.proceed(
                result,
                by: usher,
                client: outbox,
                requestID: { request.requestID ?? RequestID.make() },
                answer: { outbox.add(exchange, $0) }
            )
            if let order { outbox.add(order) }
        }
    }
}

/// One outbox an event loop, made when the loop's first check arrives.
private final class Outboxes: Sendable {
    private let checks: CheckMetrics
    private let consumes: CheckMetrics
    private let writer: MeterWriter
    private let byLoop = Mutex<[ObjectIdentifier: Outbox]>([:])

    init(checks: CheckMetrics, consumes: CheckMetrics, writer: MeterWriter) {
        self.checks = checks
        self.consumes = consumes
        self.writer = writer
    }

    func outbox(of eventLoop: any EventLoop) -> Outbox {
        byLoop.withLock { outboxes in
            if let outbox = outboxes[ObjectIdentifier(eventLoop)] { return outbox }
            let outbox = Outbox(
                eventLoop: eventLoop,
                checks: checks,
                consumes: consumes,
                writer: writer
            )
            outboxes[ObjectIdentifier(eventLoop)] = outbox
            return outbox
        }
    }
}

/// Finished answers on their way back to one event loop, and orders on their way to the writer.
private final class Outbox: BarrierClient {
    fileprivate struct Finished {
        let exchange: HotExchange
        let answer: CheckAnswer
    }

    private struct Contents {
        var finished: [Finished] = []
        var orders: [any MeterOrder] = []
    }

    private let eventLoop: any EventLoop
    private let checks: CheckMetrics
    private let consumes: CheckMetrics
    private let writer: MeterWriter
    private let contents = Mutex(Contents())
    private let lastKey = Mutex<(key: String, digest: KeyDigest)?>(nil)

    init(
        eventLoop: any EventLoop,
        checks: CheckMetrics,
        consumes: CheckMetrics,
        writer: MeterWriter
    ) {
        self.eventLoop = eventLoop
        self.checks = checks
        self.consumes = consumes
        self.writer = writer
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
        contents.withLock { $0.finished.append(Finished(exchange: exchange, answer: answer)) }
    }

    func add(_ order: any MeterOrder) {
        contents.withLock { $0.orders.append(order) }
    }

    func flush() {
        let contents = contents.withLock { contents in
            defer { contents = Contents() }
            return contents
        }
        writer.submit(contents.orders)
        let batch = contents.finished
        guard !batch.isEmpty else { return }
        eventLoop.execute { [checks, consumes] in
            for item in batch { item.exchange.respond(item.answer.response) }
            let now = NIODeadline.now()
            let consumed = batch.filter { $0.isConsume }
            if consumed.count < batch.count {
                checks.record(batch.filter { !$0.isConsume }.map { $0.sample(at: now) })
            }
            if !consumed.isEmpty { consumes.record(consumed.map { $0.sample(at: now) }) }
        }
    }
}

extension Outbox.Finished {
    fileprivate var isConsume: Bool { exchange.request.route == ConsumeCall.hotRoute.id }

    fileprivate func sample(at now: NIODeadline) -> CheckMetrics.Sample {
        CheckMetrics.Sample(
            allowed: answer.allowed,
            denied: answer.denied,
            nanoseconds: now.uptimeNanoseconds &- exchange.request.receivedAt.uptimeNanoseconds
        )
    }
}
