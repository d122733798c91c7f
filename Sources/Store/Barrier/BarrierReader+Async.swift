extension BarrierReader {
    /// State as of a barrier that was read after this call began.
    ///
    /// - Throws: When there is no such barrier; nothing older is ever handed out instead.
    package func view(
        session: String? = nil,
        account: String? = nil,
        caller: BarrierCaller = .service
    ) async throws(BarrierFailure) -> BarrierView {
        let result = await withCheckedContinuation { continuation in
            let job = BarrierJob(
                session: session,
                account: account,
                caller: caller,
                client: LoneCaller.shared
            ) { continuation.resume(returning: $0) }
            submit([job])
        }
        return try result.get()
    }
}

/// A caller that waits for its own answer and needs no word about batches.
private final class LoneCaller: BarrierClient {
    static let shared = LoneCaller()
    func flush() {}
}
