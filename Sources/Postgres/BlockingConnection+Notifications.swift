import CLibPQ
import Glibc

/// What another session told by `notify`.
struct Notification: Sendable, Equatable {
    let channel: String
    let payload: String
}

extension BlockingConnection {
    /// Listens to a channel from here on.
    func listen(_ channel: String) throws(PostgresError) {
        let quoted = channel.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"")
        try execute(script: "listen \"\(quoted)\"")
    }

    /// Waits until there are notifications, the time is over or `wake` becomes readable.
    func notifications(
        within time: Duration,
        wake: WakeSignal
    ) throws(PostgresError) -> [Notification] {
        let received = received()
        guard received.isEmpty else { return received }
        let hasData = wake.wait(for: socket, time)
        guard hasData else { return [] }
        guard unsafe PQconsumeInput(handle.raw) == 1 else { throw lost() }
        return self.received()
    }

    private func received() -> [Notification] {
        var list: [Notification] = []
        while let notify = unsafe PQnotifies(handle.raw) {
            list.append(
                Notification(
                    channel: unsafe String(cString: notify.pointee.relname),
                    payload: unsafe String(cString: notify.pointee.extra)
                )
            )
            unsafe PQfreemem(notify)
        }
        return list
    }
}
