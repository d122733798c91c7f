import CCurl
import Limits

/// Sole owner of one libcurl multi handle: the pool of connections and the transfers on them.
///
/// It stays on the worker's thread; other threads hold a `Waker`.
@safe struct MultiHandle: ~Copyable {
    // Made in init, freed in deinit. Transfers are removed before, since they are owned elsewhere.
    private let raw: OpaquePointer

    init(pooled: Int) {
        guard let raw = unsafe ccurl_multi_init() else {
            preconditionFailure("libcurl is out of memory")
        }
        unsafe self.raw = unsafe raw
        // More connections to one host than this would pool more dead ones than libcurl retries.
        unsafe Self.check(
            ccurl_multi_set_connections(raw, Limits.callbackConnections, pooled)
        )
    }

    deinit { unsafe Self.check(ccurl_multi_cleanup(raw)) }

    var waker: Waker { unsafe Waker(raw: raw) }

    func add(_ easy: borrowing EasyHandle) { unsafe Self.check(ccurl_multi_add(raw, easy.raw)) }

    func remove(_ easy: borrowing EasyHandle) {
        unsafe Self.check(ccurl_multi_remove(raw, easy.raw))
    }

    func perform() { unsafe Self.check(ccurl_multi_perform(raw)) }

    /// Waits for traffic, a timer of libcurl's, a wake-up, or the given time.
    func poll(milliseconds: Int32) { unsafe Self.check(ccurl_multi_poll(raw, milliseconds)) }

    /// The next transfer that ended, once each.
    func nextEnd() -> (id: UInt64, code: Int32)? {
        var id: UInt64 = 0
        var code: Int32 = 0
        // Both are written during the call alone.
        return unsafe ccurl_multi_next_end(raw, &id, &code) ? (id, code) : nil
    }

    /// A multi call fails on a wrong handle or without memory, never through what a peer does.
    private static func check(_ code: Int32) {
        precondition(code == 0, "libcurl's multi handle failed with \(code)")
    }

    /// Ends a poll from another thread.
    ///
    /// Valid only while its multi handle lives.
    @unsafe struct Waker: @unchecked Sendable {
        // Sendable because curl_multi_wakeup is documented as callable from any thread, and nothing
        // else is done with the pointer here.
        fileprivate let raw: OpaquePointer

        func wake() {
            // It writes to a pipe; a full pipe already wakes, so its result says nothing new.
            unsafe _ = ccurl_multi_wakeup(raw)
        }
    }
}
