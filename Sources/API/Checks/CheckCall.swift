import Entitlements
import Front
import Limits
import Service
import Store

/// A check as it came over HTTP, on the hot path or behind it: read here, answered here, so that
/// both give the same answers.
struct CheckCall: Sendable {
    /// The hot routes; their raw values are the front's ids.
    enum Route: Int, CaseIterable {
        case check, batch

        var hotRoute: HotRoute {
            switch self {
            case .check: HotRoute(method: "POST", path: "/v1/check", id: rawValue)
            case .batch: HotRoute(method: "POST", path: "/v1/check/batch", id: rawValue)
            }
        }
    }

    let route: Route
    /// Kept as a refusal until the caller is known: who may not ask learns nothing of the body.
    let check: Result<Check, Refusal>
    let caller: KeyDigest?

    init(_ route: Route, body: [UInt8], caller: KeyDigest?) {
        self.route = route
        self.caller = caller
        do throws(Refusal) {
            check = .success(try Self.read(route, body))
        } catch {
            check = .failure(error)
        }
    }

    /// The session whose rows the barrier must have.
    var session: String? {
        guard case .success(let check) = check else { return nil }
        return check.session
    }

    /// The features whose meters the barrier must bring.
    var meters: MeterDemand {
        guard case .success(let check) = check else { return .none }
        return check.meters
    }

    /// Decides and writes the answer down.
    func answer(
        _ result: Result<BarrierView, BarrierFailure>,
        by usher: UsherService,
        requestID: () -> String
    ) -> CheckAnswer {
        do throws(Refusal) {
            let judgement = try judge(result, by: usher)
            var body: [UInt8] = []
            body.reserveCapacity(512 * judgement.items.count)
            switch route {
            case .check: judgement.writeDecision(into: &body)
            case .batch: judgement.writeBatch(into: &body)
            }
            return CheckAnswer(HotResponse(body: body), judgement: judgement)
        } catch {
            return CheckAnswer(HotResponse(Problem(refusal: error, requestID: requestID())))
        }
    }

    private func judge(
        _ result: Result<BarrierView, BarrierFailure>,
        by usher: UsherService
    ) throws(Refusal) -> Judgement {
        let view = try result.view()
        switch check {
        case .success(let check): return try usher.judge(check, by: caller, in: view)
        case .failure(let refusal):
            _ = try usher.access.authorize(caller, for: .check, in: view.live, at: view.now)
            throw refusal
        }
    }

    private static let checkFields: Set = ["session", "feature", "context", "explain"]
    private static let batchFields: Set = ["session", "features", "flags", "context"]

    private static func read(_ route: Route, _ bytes: [UInt8]) throws(Refusal) -> Check {
        if route == .check, let plain = PlainCheck(bytes) {
            try checkName(plain.feature, field: "feature")
            return Check(session: plain.session, subject: .one(plain.feature))
        }
        let body = try JSON(body: bytes)
        let fields = try Fields(body, known: route == .check ? checkFields : batchFields)
        let context = try fields.object("context") ?? [:]
        let session = try fields.required("session", fields.string)
        switch route {
        case .check:
            return Check(
                session: session,
                subject: .one(try fields.required("feature", fields.name)),
                explains: try fields.bool("explain") ?? false,
                context: context
            )
        case .batch:
            let flags = try names("flags", fields) ?? []
            // One of the two is enough.
            let features = try names("features", fields) ?? []
            if features.isEmpty, flags.isEmpty {
                throw fields.invalid("features", "at least one feature, or name flags")
            }
            return Check(
                session: session,
                subject: .several(features),
                flags: flags,
                context: context
            )
        }
    }

    private static func names(
        _ field: String,
        _ fields: Fields
    ) throws(Refusal) -> [String]? {
        guard let items = try fields.array(field) else { return nil }
        guard items.count <= Limits.batchFeatures else {
            throw Refusal(
                .batchTooLarge,
                "a batch has \(items.count) \(field); \(Limits.batchFeatures) are allowed",
                field: field,
                remedy: "split it"
            )
        }
        var names: [String] = []
        names.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            guard let name = item.string else {
                throw fields.invalid("\(field)[\(index)]", "a string")
            }
            try checkName(name, field: "\(field)[\(index)]")
            names.append(name)
        }
        return names
    }
}

/// The answer to a check, and what metrics want to know of it.
struct CheckAnswer: Sendable {
    let response: HotResponse
    let allowed: Int
    let denied: Int

    init(_ response: HotResponse, judgement: Judgement? = nil) {
        self.response = response
        var counts = (allowed: 0, denied: 0)
        for item in judgement?.items ?? [] {
            guard let decision = item.decision else { continue }
            if decision.allowed { counts.allowed += 1 } else { counts.denied += 1 }
        }
        (allowed, denied) = counts
    }
}

extension HotResponse {
    init(_ problem: Problem) {
        self.init(
            status: problem.status,
            contentType: Problem.contentType,
            body: problem.body,
            extraHeaders: problem.headers
        )
    }
}

extension Result<BarrierView, BarrierFailure> {
    /// The view, or why there is none as a caller is told it.
    func view() throws(Refusal) -> BarrierView {
        switch self {
        case .success(let view): return view
        case .failure(let failure): throw Refusal(failure)
        }
    }
}
