package import HummingbirdCore
package import Logging
package import NIOCore

/// Answers the hot requests of a connection ahead of the pipeline that it wraps.
///
/// A connection begins with one handler that recognises the plain, canonical form of the hot
/// requests in the bytes. The wrapped pipeline is set up when a connection sends anything else,
/// with the unread bytes; from then on the connection stays there. So nothing is ever refused
/// here: what is unusual gets the ordinary pipeline's answer, whatever that is.
package struct FrontChannel<Base: ServerChildChannel>: ServerChildChannel {
    /// A connection, and what it turns into.
    package struct Value: ServerChildChannelValue {
        package let channel: any Channel
        /// The wrapped pipeline's value once the connection left the front; nil if it ended here.
        let base: EventLoopFuture<Base.Value?>
    }

    private let base: Base
    private let grammar: Grammar
    private let batches: LoopBatches

    /// Puts routes in front of a pipeline that has the same routes, with the same code behind them.
    package init(
        base: Base,
        routes: [HotRoute],
        responder: any HotResponder,
        configuration: FrontConfiguration = FrontConfiguration()
    ) {
        self.base = base
        grammar = Grammar(routes: routes, configuration: configuration)
        batches = LoopBatches(responder: responder)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let promise = channel.eventLoop.makePromise(of: Base.Value?.self)
        return channel.eventLoop.makeCompletedFuture {
            let handler = HotHandler(
                grammar: grammar,
                base: BaseInstaller(of: base, channel: channel, logger: logger, promise: promise),
                batch: batches.batch(of: channel.eventLoop),
                now: channel.eventLoop.now
            )
            do {
                try channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                promise.succeed(nil)
                throw error
            }
            return Value(channel: channel, base: promise.futureResult)
        }
    }

    package func handle(value: Value, logger: Logger) async {
        let installed = try? await withTaskCancellationHandler {
            try await value.base.get()
        } onCancel: {
            value.channel.close(promise: nil)
        }
        guard let installed else { return }
        await base.handle(value: installed, logger: logger)
    }
}
