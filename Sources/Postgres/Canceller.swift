import CLibPQ
import Dispatch

/// Asks the server to end what one session is doing.
///
/// Blocks for a short connection of its own.
///
/// Unchecked: libpq documents `PQcancel` as safe from any thread, and the struct behind the pointer
/// is made once and never changes until `deinit`.
@safe final class Canceller: @unchecked Sendable {
    /// Shared and concurrent: a cancel to a frozen server must not hold up those to others.
    static let queue = DispatchQueue(label: "postgres.cancel", attributes: .concurrent)

    private let raw: OpaquePointer?

    init(_ handle: borrowing ConnectionHandle) {
        unsafe raw = PQgetCancel(handle.raw)
    }

    deinit {
        unsafe PQfreeCancel(raw)
    }

    /// When this returns the server has signalled the session, or could not be reached.
    func cancel() {
        guard let raw = unsafe raw else { return }
        var problem = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(raw, &problem, 256)
    }
}
