import Entitlements
import Limits
import Logging
import Outbound

/// Calls the running service.
///
/// The service is of the caller's own choice and often local, so private networks are allowed, by
/// plain http too. Over a public network the key would travel in the clear: there it must be https.
struct APIClient: Sendable {
    let base: String
    private let key: String?
    private let outbound: OutboundClient

    init(url: String, key: String?) throws(CommandFailure) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw CommandFailure(
                "'\(url.printable)' is no URL of a service; "
                    + "write one like \(ServiceOptions.standardURL) in --url or USHER_URL."
            )
        }
        base = url.last == "/" ? String(url.dropLast()) : url
        self.key = key
        outbound = OutboundClient(
            allowedPrivateNetworks: Self.privateNetworks,
            userAgent: "usher-cli/\(Usher.version)",
            inFlight: 1,
            logger: Logger(label: "usher.cli") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Makes a call that must succeed.
    ///
    /// - Throws: The problem as the service tells it, or why there is no answer.
    func call(_ request: APIRequest) async throws(CommandFailure) -> APIAnswer {
        let answer = try await send(request)
        guard answer.isSuccess else { throw failure(of: answer) }
        return answer
    }

    /// Makes a call and returns its answer, whatever its status.
    func send(_ request: APIRequest) async throws(CommandFailure) -> APIAnswer {
        let outgoing = OutboundRequest(
            method: request.method,
            url: base + request.target,
            headers: try headers(of: request),
            body: request.bytes,
            timeout: Limits.commandCall,
            maximumBytes: Limits.commandAnswerBytes
        )
        let response: OutboundResponse
        do {
            response = try await outbound.send(outgoing)
        } catch {
            throw failure(of: error)
        }
        return try answer(from: response)
    }

    /// The failure that an answer other than 2xx means.
    func failure(of answer: APIAnswer) -> CommandFailure {
        APIProblem(answer.json)?.failure(retryAfter: answer.retryAfter)
            ?? CommandFailure("\(base) answered \(answer.status) without a reason; is it Usher?")
    }
}

extension APIClient {
    private static let privateNetworks: [CIDR] = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
        "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10",
    ]
    .map { text in
        do {
            return try CIDR(text)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private func headers(
        of request: APIRequest
    ) throws(CommandFailure) -> [(name: String, value: String)] {
        var headers = request.headers
        if request.isAuthenticated {
            guard let key else {
                throw CommandFailure(
                    "No API key. Set USHER_API_KEY (or USHER_ADMIN_KEY), or pass --api-key."
                )
            }
            headers.append(("Authorization", "Bearer \(key)"))
        }
        if request.bytes != nil { headers.append(("Content-Type", "application/json")) }
        return headers
    }

    private func answer(from response: OutboundResponse) throws(CommandFailure) -> APIAnswer {
        let json: JSON
        do {
            json = response.body.isEmpty ? .null : try JSON(parsing: response.body)
        } catch {
            throw CommandFailure(
                "\(base) answered \(response.status) with something that is not JSON; is it Usher?"
            )
        }
        return APIAnswer(
            status: response.status,
            text: String(decoding: response.body, as: UTF8.self),
            json: json,
            retryAfter: response.retryAfter,
            duration: response.duration
        )
    }

    private func failure(of error: OutboundError) -> CommandFailure {
        switch error {
        case .transport(code: Self.couldNotConnect, _):
            CommandFailure(
                "Nothing answers at \(base). Start the service with `make run`, "
                    + "or name another with --url or USHER_URL."
            )
        case .insecureTransport(let host):
            CommandFailure(
                "'\(host)' is not in a private network, and plain http would show the API key to "
                    + "everybody on the way. Use https."
            )
        case .timeout:
            CommandFailure("\(base) did not answer in time.")
        default:
            CommandFailure("\(base) could not be called: \(error).".printable)
        }
    }

    /// libcurl's `CURLE_COULDNT_CONNECT`.
    private static var couldNotConnect: Int32 { 7 }
}
