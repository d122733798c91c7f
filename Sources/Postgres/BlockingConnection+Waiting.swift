import CLibPQ
import Glibc

extension BlockingConnection {
    /// Hands everything that was queued to the socket.
    ///
    /// Reads on the way: a server that waits for us to read would otherwise never read us.
    func flush(until deadline: Deadline) throws(PostgresError) {
        while true {
            let left = unsafe PQflush(handle.raw)
            if left == 0 { return }
            guard left > 0 else { throw lost() }
            if try wait(for: POLLIN | POLLOUT, until: deadline) & POLLIN != 0 { try consume() }
        }
    }

    /// The next result of the answer, nil at its end.
    func nextResult(until deadline: Deadline) throws(PostgresError) -> ResultHandle? {
        while unsafe PQisBusy(handle.raw) == 1 {
            _ = try wait(for: POLLIN, until: deadline)
            try consume()
        }
        guard let raw = unsafe PQgetResult(handle.raw) else { return nil }
        return unsafe ResultHandle(raw)
    }

    /// Takes what the socket holds.
    func consume() throws(PostgresError) {
        guard unsafe PQconsumeInput(handle.raw) == 1 else { throw lost() }
    }

    /// Waits until the socket is ready; what it is ready for.
    private func wait(for events: Int32, until deadline: Deadline) throws(PostgresError) -> Int32 {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            let remaining = deadline.remainingMilliseconds
            let ready = unsafe poll(&descriptor, 1, remaining)
            if ready > 0 { return Int32(descriptor.revents) }
            if ready < 0 && errno != EINTR { throw lost() }
            guard remaining > 0 else {
                giveUp()
                throw PostgresError(
                    kind: .timeout,
                    message: "Postgres gave no answer in time; the connection is given up"
                )
            }
        }
    }
}
