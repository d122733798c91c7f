import CLibPQ

/// Receives a session's notices; keeps the one that changes what an answer means, drops the others
/// (libpq would print them).
final class NoticeBox {
    private(set) var replicationNotice: String?

    /// The box must live as long as the connection: both belong to one `BlockingConnection`.
    func install(on handle: borrowing ConnectionHandle) {
        let box = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe PQsetNoticeReceiver(
            handle.raw,
            { argument, result in
                guard let argument = unsafe argument, let result = unsafe result else { return }
                unsafe Unmanaged<NoticeBox>.fromOpaque(argument).takeUnretainedValue()
                    .receive(result)
            },
            box
        )
    }

    func clear() {
        replicationNotice = nil
    }

    /// The notice has no SQLSTATE of its own; the function that raised it is always the same.
    private func receive(_ result: OpaquePointer) {
        guard unsafe PostgresError.field("R", of: result) == "SyncRepWaitForLSN" else { return }
        let message = unsafe PostgresError.field("M", of: result)
        let detail = unsafe PostgresError.field("D", of: result)
        replicationNotice = [message, detail].compactMap(\.self).joined(separator: "; ")
    }
}
