import HummingbirdCore
import Logging
import NIOCore

/// The way to the ordinary pipeline of one connection, whatever its type.
///
/// Exactly one of the two is called, once.
struct BaseInstaller {
    /// Builds the pipeline; completes on the connection's event loop.
    let install: () -> EventLoopFuture<Void>
    /// Says that it will never be needed.
    let abandon: () -> Void

    /// Fulfils the promise with what the base sets up, or with nil when it is not, or cannot be.
    init<Base: ServerChildChannel>(
        of base: Base,
        channel: any Channel,
        logger: Logger,
        promise: EventLoopPromise<Base.Value?>
    ) {
        install = {
            let installed = base.setup(channel: channel, logger: logger).hop(to: channel.eventLoop)
            installed.map { Optional($0) }.recover { _ in nil }.cascade(to: promise)
            return installed.map { _ in }
        }
        abandon = { promise.succeed(nil) }
    }
}
