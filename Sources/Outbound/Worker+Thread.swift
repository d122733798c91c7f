import Glibc

extension Worker {
    /// Starts a worker on a thread of its own, which ends when the mailbox closes.
    static func start(mailbox: Mailbox, settings: ClientSettings) {
        let launch = Launch(mailbox: mailbox, settings: settings)
        let context = unsafe Unmanaged.passRetained(launch).toOpaque()
        var thread = pthread_t()
        // The thread takes over the one reference that was retained for it.
        let code = unsafe pthread_create(&thread, nil, { unsafe Launch.body($0) }, context)
        precondition(code == 0, "no thread for outbound calls: error \(code)")
        pthread_detach(thread)
    }
}

/// What a new thread is given.
private final class Launch: Sendable {
    let mailbox: Mailbox
    let settings: ClientSettings

    init(mailbox: Mailbox, settings: ClientSettings) {
        self.mailbox = mailbox
        self.settings = settings
    }

    static func body(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context = unsafe context else { preconditionFailure("a thread without a task") }
        // Retained in `Worker.start` for exactly this.
        let launch = unsafe Unmanaged<Launch>.fromOpaque(context).takeRetainedValue()
        // With NOSIGNAL libcurl leaves SIGPIPE alone, and a TLS peer that hangs up may raise it.
        // The set lives on this frame; the mask is this thread's own.
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        launch.run()
        return nil
    }

    private func run() {
        do {
            // The scope frees the multi handle, and with it every connection, before `closed`.
            let worker = Worker(mailbox: mailbox, settings: settings)
            worker.run()
        }
        mailbox.closed()
    }
}
