import Dispatch
import Limits
package import Logging

/// A channel of `listen`/`notify` as a sequence that outlives the server's restarts.
///
/// Each iteration has a connection and a thread of its own, until it ends or its task is cancelled.
/// Notifications are hints: what was told while nobody listened is lost, so ``Event/reconnected``
/// says when to read again everything that notifications would have told.
package struct Listener: AsyncSequence, Sendable {
    package enum Event: Sendable, Equatable {
        /// Listening began, the first time or again after an interruption, or a slow reader missed
        /// notifications. Read again; what is committed from here on will be told.
        case reconnected
        /// The payload of one `notify`.
        case payload(String)
    }

    private let settings: ConnectionSettings
    private let channel: String
    private let logger: Logger

    package init(
        _ settings: ConnectionSettings,
        channel: String,
        logger: Logger = Logger(label: "postgres.listener")
    ) {
        self.settings = settings
        self.channel = channel
        self.logger = logger
    }

    package func makeAsyncIterator() -> AsyncStream<Event>.Iterator {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self,
            bufferingPolicy: .bufferingOldest(Limits.listenerBuffer)
        )
        let wake = WakeSignal()
        continuation.onTermination = { _ in wake.raise() }
        let (settings, channel, logger) = (settings, channel, logger)
        DispatchQueue(label: "postgres.listener")
            .async {
                var worker = ListenerWorker(
                    settings: settings,
                    channel: channel,
                    logger: logger,
                    wake: wake,
                    continuation: continuation
                )
                worker.run()
            }
        return stream.makeAsyncIterator()
    }
}

/// The thread behind one iteration of a ``Listener``.
private struct ListenerWorker {
    /// How soon to try again to tell a reader that it missed something.
    private static let retry: Duration = .milliseconds(50)

    let settings: ConnectionSettings
    let channel: String
    let logger: Logger
    let wake: WakeSignal
    let continuation: AsyncStream<Listener.Event>.Continuation
    private var backoff = Backoff.reconnect
    private var hasMissed = false

    init(
        settings: ConnectionSettings,
        channel: String,
        logger: Logger,
        wake: WakeSignal,
        continuation: AsyncStream<Listener.Event>.Continuation
    ) {
        self.settings = settings
        self.channel = channel
        self.logger = logger
        self.wake = wake
        self.continuation = continuation
    }

    mutating func run() {
        while !wake.isRaised {
            do throws(PostgresError) {
                try listen()
            } catch {
                let wait = backoff.next()
                logger.debug(
                    "listening was interrupted",
                    metadata: ["channel": "\(channel)", "error": "\(error)", "retry": "\(wait)"]
                )
                _ = wake.wait(for: -1, wait)
            }
        }
        continuation.finish()
    }

    private mutating func listen() throws(PostgresError) {
        let connection = try BlockingConnection(settings)
        try connection.listen(channel)
        backoff.reset()
        hasMissed = true
        tellMissed()
        var lastHeard = ContinuousClock.now
        while !wake.isRaised {
            let time = hasMissed ? Self.retry : Limits.listenerPing
            let notifications = try connection.notifications(within: time, wake: wake)
            for notification in notifications { tell(notification.payload) }
            tellMissed()
            if !notifications.isEmpty { lastHeard = .now }
            // A host that vanished sends nothing, not even an end; asking finds out.
            if ContinuousClock.now - lastHeard >= Limits.listenerPing, !wake.isRaised {
                _ = try connection.query("select 1")
                lastHeard = .now
            }
        }
    }

    private mutating func tell(_ payload: String) {
        guard !hasMissed else { return }
        if case .dropped = continuation.yield(.payload(payload)) { hasMissed = true }
    }

    private mutating func tellMissed() {
        guard hasMissed else { return }
        if case .enqueued = continuation.yield(.reconnected) { hasMissed = false }
    }
}
