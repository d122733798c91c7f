extension BarrierReader {
    /// State as of a barrier that was read after this call began.
    ///
    /// - Throws: When there is no such barrier; nothing older is ever handed out instead.
    package func view(
        session: String? = nil,
        account: String? = nil,
        caller: BarrierCaller = .service,
        meters: MeterDemand = .none
    ) async throws(BarrierFailure) -> BarrierView {
        try await result(session: session, account: account, caller: caller, meters: meters).get()
    }

    /// The same for who answers both alike: the state, or why there is none.
    package func result(
        session: String? = nil,
        account: String? = nil,
        caller: BarrierCaller = .service,
        meters: MeterDemand = .none
    ) async -> Result<BarrierView, BarrierFailure> {
        await withCheckedContinuation { continuation in
            let job = BarrierJob(
                session: session,
                account: account,
                caller: caller,
                meters: meters,
                client: LoneCaller.shared
            ) { continuation.resume(returning: $0) }
            submit([job])
        }
    }
}

extension BarrierReader {
    /// The state of several accounts or sessions, each as of a barrier that was read after this call
    /// began.
    ///
    /// - Throws: When there is no such barrier for one of them.
    package func views(
        of askers: [(account: String, session: String?)]
    ) async throws(BarrierFailure) -> [BarrierView] {
        let results: [Result<BarrierView, BarrierFailure>] = await gather(askers.count) { answer in
            submit(
                askers.enumerated()
                    .map { place, asker in
                        BarrierJob(
                            session: asker.session,
                            account: asker.account,
                            client: LoneCaller.shared
                        ) { answer(place, $0) }
                    }
            )
        }
        var views: [BarrierView] = []
        for result in results { views.append(try result.get()) }
        return views
    }
}

/// A caller that waits for its own answer and needs no word about batches.
package final class LoneCaller: BarrierClient {
    package static let shared = LoneCaller()
    package func flush() {}
}
