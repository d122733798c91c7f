import Front
import NIOCore
import Synchronization

/// A responder that keeps what it is given until the test answers.
final class WaitingResponder: HotResponder {
    private let kept = Mutex<[[HotExchange]]>([])

    func respond(to exchanges: [HotExchange], on eventLoop: any EventLoop) {
        kept.withLock { $0.append(exchanges) }
    }

    /// What was given in each tick, since the last time it was taken.
    func takeTicks() -> [[HotExchange]] {
        kept.withLock { ticks in
            defer { ticks = [] }
            return ticks
        }
    }

    func takeAll() -> [HotExchange] { takeTicks().flatMap(\.self) }
}

extension HotExchange {
    func respond(_ text: String) {
        respond(HotResponse(body: Array(text.utf8)))
    }
}
