import Glibc

/// Wakes a thread that waits in `poll(2)`, once and for good.
final class WakeSignal: Sendable {
    /// A pair of sockets: once one end is shut down, the other is readable for ever.
    private let ends: (waiting: Int32, waking: Int32)

    init() {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let result = unsafe socketpair(AF_UNIX, kind, 0, &pair)
        precondition(result == 0, "no more file descriptors")
        ends = (pair[0], pair[1])
    }

    deinit {
        close(ends.waiting)
        close(ends.waking)
    }

    /// From any thread.
    ///
    /// Every wait from here on returns at once.
    func raise() {
        shutdown(ends.waking, Int32(SHUT_RDWR))
    }

    var isRaised: Bool {
        var end = pollfd(fd: ends.waiting, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&end, 1, 0) > 0
    }

    /// Waits for a socket (-1 for none), the signal or the end of the time; true for the socket.
    func wait(for socket: Int32, _ time: Duration) -> Bool {
        var descriptors = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ends.waiting, events: Int16(POLLIN), revents: 0),
        ]
        let ready = unsafe poll(&descriptors, 2, Int32(clamping: time.wholeMilliseconds))
        return ready > 0 && descriptors[0].revents != 0
    }
}
