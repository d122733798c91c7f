package import NIOCore

/// Answers what the front accepts.
package protocol HotResponder: Sendable {
    /// Takes everything that became ready in one tick of an event loop.
    ///
    /// Called on the event loop, at most once a tick, so work is handed over once for all of a
    /// tick's requests; those of one connection are in the order of their arrival. Must not block.
    /// Each exchange has to be answered exactly once, at once or later and in any order: nothing
    /// else is sent on its connection before, and nothing times it out.
    func respond(to exchanges: [HotExchange], on eventLoop: any EventLoop)
}
