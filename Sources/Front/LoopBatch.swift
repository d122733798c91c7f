import Glibc
import NIOCore
import Synchronization

/// What the connections of one event loop share: the tick's requests, its flushes and the date.
///
/// Confined to its event loop.
final class LoopBatch {
    private let eventLoop: any EventLoop
    private let responder: any HotResponder
    private var exchanges: [HotExchange] = []
    private var unflushed: [HotHandler] = []
    private var isScheduled = false
    private var second = -1
    private var lines: [UInt8] = []

    init(eventLoop: any EventLoop, responder: any HotResponder) {
        self.eventLoop = eventLoop
        self.responder = responder
    }

    /// Hands a request to the responder at the end of this tick.
    func add(_ exchange: HotExchange) {
        exchanges.append(exchange)
        schedule()
    }

    /// Flushes a connection at the end of this tick, so that pipelined answers leave together.
    func flushLater(_ connection: HotHandler) {
        unflushed.append(connection)
        schedule()
    }

    /// The lines that every answer of this second has.
    func commonLines() -> [UInt8] {
        let now = time(nil)
        if now != second {
            second = now
            lines = Array("Cache-Control: no-store\r\nDate: \(HTTPDate.text(now))\r\n".utf8)
        }
        return lines
    }

    /// A task of the event loop runs after everything that was readable in its tick was read.
    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.assumeIsolated().execute { self.run() }
    }

    private func run() {
        isScheduled = false
        // Answers may come at once and let go of held requests: those belong to the next tick.
        let ready = exchanges
        exchanges = []
        if !ready.isEmpty { responder.respond(to: ready, on: eventLoop) }
        let connections = unflushed
        unflushed = []
        for connection in connections { connection.flushAnswers() }
    }
}

/// The batch of each event loop.
final class LoopBatches: Sendable {
    private let responder: any HotResponder
    private let batches = Mutex<[ObjectIdentifier: NIOLoopBound<LoopBatch>]>([:])

    init(responder: any HotResponder) {
        self.responder = responder
    }

    /// The batch of an event loop; to be called on it.
    func batch(of eventLoop: any EventLoop) -> LoopBatch {
        let responder = responder
        // The batch keeps its loop alive, so the identifier cannot come to mean another.
        let bound = batches.withLock { batches in
            let key = ObjectIdentifier(eventLoop)
            if let known = batches[key] { return known }
            let batch = LoopBatch(eventLoop: eventLoop, responder: responder)
            let bound = NIOLoopBound(batch, eventLoop: eventLoop)
            batches[key] = bound
            return bound
        }
        return bound.value
    }
}
