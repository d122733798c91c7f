import CCurl
import Limits
package import Logging
import Synchronization

/// Calls other services over https, within bounds, and never a private network by accident.
///
/// Redirects, proxies, cookies, `.netrc` and content encodings are all off. Connections are checked
/// when they are made and reused without, so clients with different allowed networks share none.
///
/// Calling: `send(_:)`. Ending: `shutdown()`; a client that is let go of ends by itself.
package final class OutboundClient: Sendable {
    private let mailbox = Mailbox()
    private let calls = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - allowedPrivateNetworks: Reachable although private, and by plain http too.
    ///   - userAgent: Sent with every call.
    ///   - certificateAuthorities: A PEM file that replaces the system's authorities.
    ///   - inFlight: Calls inside libcurl at once; the rest wait in line, their time running.
    ///   - logger: Gets `debug` at most.
    package init(
        allowedPrivateNetworks: [CIDR],
        userAgent: String = "usher",
        certificateAuthorities: String? = nil,
        inFlight: Int = Limits.callbacksInFlight,
        logger: Logger
    ) {
        Library.start
        let settings = ClientSettings(
            guardian: AddressGuard(allowed: allowedPrivateNetworks),
            userAgent: userAgent,
            authorities: certificateAuthorities ?? Library.authorities,
            inFlight: inFlight,
            logger: logger
        )
        Worker.start(mailbox: mailbox, settings: settings)
    }

    deinit { mailbox.close() }

    /// Sends one request and returns the whole answer.
    ///
    /// Cancelling the task ends the transfer at once, with `OutboundError.cancelled`.
    package func send(_ request: OutboundRequest) async throws(OutboundError) -> OutboundResponse {
        let target = try Target(request.url)
        let id = calls.wrappingAdd(1, ordering: .relaxed).newValue
        let began = ContinuousClock.now
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let call = Call(
                    id: id,
                    request: request,
                    target: target,
                    began: began,
                    continuation: continuation
                )
                guard mailbox.start(call) else { return call.end(.failure(.shutDown)) }
                // A cancellation that came first found no call of this id.
                if Task.isCancelled { mailbox.cancel(id) }
            }
        } onCancel: {
            mailbox.cancel(id)
        }
        return try outcome.get()
    }

    /// Ends all calls with `OutboundError.shutDown` and closes every connection.
    package func shutdown() async {
        await mailbox.closeAndWait()
    }
}

/// libcurl's state for the whole process, set up before the first worker.
private enum Library {
    /// Runs once, on first use.
    static let start: Void = {
        let code = ccurl_global_init()
        precondition(code == 0, "libcurl cannot start: error \(code)")
    }()

    /// The system's bundle.
    ///
    /// Naming it lets libcurl keep it parsed for all connections; with its default directory in
    /// play it would read some 140 certificates for each.
    static let authorities: String? = {
        // A static string of the library.
        unsafe ccurl_default_authorities().map { unsafe String(cString: $0) }
    }()
}
