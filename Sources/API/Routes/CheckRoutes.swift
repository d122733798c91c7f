import Crypto
import Entitlements
import Front
import HTTPTypes
import Hummingbird
import Limits
import NIOCore
import Service
import Store

extension Routes {
    func addChecks(to registry: inout Registry) {
        for route in CheckCall.Route.allCases {
            registry.add(.post, route.hotRoute.path) { request, context in
                try await check(route, request, context)
            }
        }
        registry.add(.get, "/v1/entitlements", entitlements)
    }

    /// A check that the front handed over: the same code decides and writes it.
    private func check(
        _ route: CheckCall.Route,
        _ request: Request,
        _ context: EdgeContext
    ) async throws -> Response {
        let start = NIODeadline.now()
        let body = try await Call.body(of: request, most: Limits.checkBodyBytes)
        let call = CheckCall(route, body: body, caller: Call.caller(of: request))
        let result = await usher.barrier.result(
            session: call.session,
            caller: .key(call.caller),
            meters: call.meters
        )
        let answer = call.answer(result, by: usher) { context.requestID }
        checkMetrics.record([
            CheckMetrics.Sample(
                allowed: answer.allowed,
                denied: answer.denied,
                nanoseconds: (NIODeadline.now() - start).nanoseconds.magnitude
            )
        ])
        return Response(answer.response)
    }

    /// Everything a session is entitled to.
    ///
    /// The tag covers what is decided, not when: two answers with the same tag differ in
    /// `evaluated_at` alone.
    private func entitlements(
        _ request: Request,
        _ context: EdgeContext
    ) async throws -> Response {
        let asked = try Call.query(of: request, "session")
        let judgement = try await usher.check(
            Check(session: asked ?? "", subject: .all),
            by: Call.caller(of: request)
        )
        // Said only now: who may not ask is told that first.
        guard asked != nil else {
            throw Refusal(
                .missingField,
                "the parameter session is missing",
                field: "session",
                remedy: "add ?session=ses_…"
            )
        }
        let tag = judgement.tag
        if request.headers[.ifNoneMatch].map({ Self.matches($0, tag) }) == true {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        var body: [UInt8] = []
        judgement.writeEntitlements(into: &body)
        var response = Response(bytes: body)
        response.headers[.eTag] = tag
        return response
    }

    private static func matches(_ header: String, _ tag: String) -> Bool {
        header == "*"
            || header.split(separator: ",")
                .contains { part in
                    let candidate = part.drop { $0 == " " }
                    return candidate.trimmingPrefix("W/") == tag.trimmingPrefix("W/")
                }
    }
}

extension Judgement {
    /// Weak, since `evaluated_at` differs between answers that mean the same.
    fileprivate var tag: String {
        let timeless = Judgement(
            session: session,
            account: account,
            revision: revision,
            configurationRevision: configurationRevision,
            at: Instant(microseconds: 0),
            items: items
        )
        var bytes: [UInt8] = []
        timeless.writeEntitlements(into: &bytes)
        return "W/\"\(Hex.text(of: Array(SHA256.hash(data: bytes).prefix(16))))\""
    }
}

extension Response {
    init(_ hot: HotResponse) {
        var headers: HTTPFields = [.contentType: "\(hot.contentType)"]
        for (name, value) in hot.extraHeaders {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        self.init(
            status: .init(code: hot.status),
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: hot.body))
        )
    }
}
