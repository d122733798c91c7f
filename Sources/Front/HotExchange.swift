package import NIOCore

/// A request that waits for its answer.
///
/// May be handed to other threads and its request be read there; it is answered on its event loop.
package final class HotExchange: Sendable {
    package let request: HotRequest
    private let connection: NIOLoopBound<HotHandler>
    private let number: Int

    init(request: HotRequest, connection: NIOLoopBound<HotHandler>, number: Int) {
        self.request = request
        self.connection = connection
        self.number = number
    }

    /// The loop on which ``respond(_:)`` is to be called.
    package var eventLoop: any EventLoop { connection.eventLoop }

    /// Answers the request; traps off the event loop, or when it was answered before.
    ///
    /// The answer is sent once all earlier requests of the connection are answered. It is dropped
    /// when the client has gone away.
    package func respond(_ response: HotResponse) {
        connection.value.answer(response, to: number)
    }
}
