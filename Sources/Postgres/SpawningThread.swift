import Dispatch
import Glibc
import Synchronization

/// The thread that starts children.
///
/// It never ends: the signal that a child asks for on our death (`--pdeathsig`) is sent when the
/// *thread* ends that started it.
final class SpawningThread: Sendable {
    static let shared = SpawningThread()

    private let work = Mutex<[@Sendable () -> Void]>([])
    private let isWanted = DispatchSemaphore(value: 0)

    private init() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let problem = unsafe pthread_create(
            &thread,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<SpawningThread>.fromOpaque(context).takeRetainedValue().serve()
            },
            context
        )
        precondition(problem == 0, "no thread can be started: error \(problem)")
    }

    /// Runs `body`, which must be short, on the thread.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value {
        let slot = Slot<Value>()
        let isDone = DispatchSemaphore(value: 0)
        work.withLock { work in
            work.append {
                slot.value.withLock { $0 = body() }
                isDone.signal()
            }
        }
        isWanted.signal()
        isDone.wait()
        guard let value = slot.value.withLock({ $0 }) else {
            preconditionFailure("the thread has signalled and left no value")
        }
        return value
    }

    private func serve() -> Never {
        while true {
            isWanted.wait()
            let next = work.withLock { $0.removeFirst() }
            next()
        }
    }

    private final class Slot<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}

/// Starts a program; its process id, or the error's number.
///
/// See ``ChildProcess``.
func spawn(_ arguments: [String], output: String) -> (pid: pid_t, problem: Int32) {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // Closing one that is closed by now is no error.
    for descriptor in Files.entries("/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2
    {
        unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
    }

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Signals that we ignore or block would stay so in the child.
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let options = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    unsafe posix_spawnattr_setflags(&attributes, Int16(options))

    var pid = pid_t()
    // Our current folder may be closed to the user that the child changes to.
    let shell = ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh"]
    var words = unsafe (shell + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    defer { unsafe words.forEach { unsafe free($0) } }
    let problem = unsafe posix_spawn(&pid, shell[0], &actions, &attributes, &words, environ)
    return (pid, problem)
}
