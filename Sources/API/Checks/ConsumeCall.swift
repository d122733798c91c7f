import Crypto
import Entitlements
import Front
import Limits
import Service
import Store

/// A request to consume as it came over HTTP, on the hot path or behind it: read here, answered here,
/// so that both give the same answers.
struct ConsumeCall: Sendable {
    static let hotRoute = HotRoute(method: "POST", path: "/v1/consume", id: 2)

    /// Kept as a refusal until the caller is known: who may not ask learns nothing of the body.
    let request: Result<ConsumeRequest, Refusal>
    let caller: KeyDigest?

    /// Reads a body, and the values of `Idempotency-Key`.
    init(body: [UInt8], keys: [String], caller: KeyDigest?) {
        self.caller = caller
        do throws(Refusal) {
            let key = try Call.idempotencyKey(keys)
            if let plain = try ConsumeRequest(plain: body, key: key) {
                request = .success(plain)
            } else {
                request = .success(try ConsumeRequest(JSON(body: body), key: key))
            }
        } catch {
            request = .failure(error)
        }
    }

    var asker: ConsumeRequest.Asker? { try? request.get().asker }

    /// Goes on behind the barrier: either with an order for the writer, or with the answer.
    func proceed(
        _ result: Result<BarrierView, BarrierFailure>,
        by usher: UsherService,
        client: any BarrierClient,
        requestID: @escaping @Sendable () -> String,
        answer: @escaping @Sendable (CheckAnswer) -> Void
    ) -> ConsumeOrder? {
        do throws(Refusal) {
            let view = try result.view()
            let consuming = try prepare(by: usher, in: view, client: client) { outcome in
                answer(Self.answer(outcome, requestID: requestID))
            }
            switch consuming {
            case .order(let order): return order
            case .denied(let consumed):
                answer(CheckAnswer(consumed, body: consumed.body(isSeveral: isSeveral)))
            }
        } catch {
            answer(CheckAnswer(HotResponse(Problem(refusal: error, requestID: requestID()))))
        }
        return nil
    }

    private func prepare(
        by usher: UsherService,
        in view: BarrierView,
        client: any BarrierClient,
        complete: @escaping @Sendable (Result<OrderOutcome, MeterFailure>) -> Void
    ) throws(Refusal) -> UsherService.Consuming {
        switch request {
        case .success(let request):
            let isSeveral = request.isSeveral
            return try usher.prepare(
                request,
                by: caller,
                in: view,
                client: client,
                render: { $0.body(isSeveral: isSeveral) },
                complete: complete
            )
        case .failure(let refusal):
            _ = try usher.access.authorize(caller, for: .usage, in: view.live, at: view.now)
            throw refusal
        }
    }

    private var isSeveral: Bool { (try? request.get().isSeveral) ?? false }

    private static func answer(
        _ outcome: Result<OrderOutcome, MeterFailure>,
        requestID: () -> String
    ) -> CheckAnswer {
        do throws(Refusal) {
            switch outcome {
            case .success(.applied(let effects)):
                return CheckAnswer(effects.tag as? Consumed, body: effects.answer)
            case .success(.repeated(let answer)):
                let response = HotResponse(
                    body: Array(answer.utf8),
                    extraHeaders: [("Idempotent-Replayed", "true")]
                )
                return CheckAnswer(response)
            case .success(.reused): throw Refusal(IdempotencyRefusal.reused)
            case .success(.inFlight): throw Refusal(IdempotencyRefusal.inFlight)
            case .failure(let failure): throw Refusal(failure)
            }
        } catch {
            return CheckAnswer(HotResponse(Problem(refusal: error, requestID: requestID())))
        }
    }
}

extension ConsumeRequest {
    private static let fields: Set = [
        "session", "account", "user", "feature", "quantity", "mode", "idempotency_key", "features",
    ]

    private enum Mode: String, CaseIterable { case reject, cap }

    /// One unit for a session, read without a JSON value; nil for anything else.
    init?(plain body: [UInt8], key: String?) throws(Refusal) {
        guard key == nil, let plain = PlainCheck(body) else { return nil }
        try checkName(plain.feature, field: "feature")
        self.init(
            asker: .session(plain.session),
            items: [Item(feature: plain.feature, quantity: 1)]
        )
    }

    /// Reads a body, with the key that the header says.
    init(_ body: JSON, key: String?) throws(Refusal) {
        let fields = try Fields(body, known: Self.fields)
        let asker = try Asker(fields)
        let key = try fields.idempotencyKey(orHeader: key)
        let mode = try fields.word("mode") as Mode? ?? .reject
        let list = try fields.array("features")
        let items: [Item]
        if let list {
            for field in ["feature", "quantity"] where fields.value(field) != nil {
                throw fields.invalid(field, "left out where features are named")
            }
            if mode == .cap { throw fields.invalid("mode", "reject where features are named") }
            items = try Self.items(list, fields)
        } else {
            items = [try Item(fields)]
        }
        self.init(
            asker: asker,
            items: items,
            isSeveral: list != nil,
            isCapped: mode == .cap,
            key: key,
            fingerprint: key == nil
                ? [] : Self.fingerprint(asker, items, list != nil, mode.rawValue)
        )
    }

    private static func items(_ list: [JSON], _ fields: Fields) throws(Refusal) -> [Item] {
        guard 1...Limits.consumeFeatures ~= list.count else {
            throw fields.invalid("features", "1 to \(Limits.consumeFeatures) features")
        }
        var items: [Item] = []
        for (index, json) in list.enumerated() {
            let path = "features[\(index)]"
            let item = try Item(try Fields(json, known: ["feature", "quantity"], path: path))
            guard !items.contains(where: { $0.feature == item.feature }) else {
                throw Refusal(
                    .invalidField,
                    "\(item.feature) is named twice",
                    field: "\(path).feature",
                    remedy: "name it once, with the sum of the quantities"
                )
            }
            items.append(item)
        }
        return items
    }

    /// Of what is asked, however it was written; half a digest is enough to tell requests apart.
    private static func fingerprint(
        _ asker: Asker,
        _ items: [Item],
        _ isSeveral: Bool,
        _ mode: String
    ) -> [UInt8] {
        let asked =
            "\(asker) \(isSeveral) \(mode) "
            + items.map { "\($0.feature) \($0.quantity)" }.joined(separator: " ")
        return Array(SHA256.hash(data: Array(asked.utf8)).prefix(16))
    }
}

extension ConsumeRequest.Item {
    fileprivate init(_ fields: Fields) throws(Refusal) {
        self.init(
            feature: try fields.required("feature", fields.name),
            quantity: try fields.quantity("quantity") ?? 1
        )
    }
}

extension ConsumeRequest.Asker {
    /// `session`, or `account` with or without `user`.
    init(_ fields: Fields) throws(Refusal) {
        let session = try fields.string("session")
        let account = try fields.name("account")
        let user = try fields.name("user")
        switch (session, account) {
        case (let session?, nil):
            if user != nil { throw fields.invalid("user", "left out where a session is named") }
            self = .session(session)
        case (nil, let account?): self = .account(account, user: user)
        case (nil, nil):
            throw Refusal(
                .missingField,
                "the field session or account is missing",
                field: "session",
                remedy: "name a session, or an account"
            )
        case (_?, _?): throw fields.invalid("account", "left out where a session is named")
        }
    }
}

extension Fields {
    /// The key under which a repetition is recognised: of the body or of the header.
    func idempotencyKey(orHeader key: String?) throws(Refusal) -> String? {
        guard let named = try string("idempotency_key") else { return key }
        try Call.checkKey(named, field: "idempotency_key")
        guard key == nil || key == named else {
            throw Refusal(
                .invalidField,
                "idempotency_key is not what the header Idempotency-Key says",
                field: "idempotency_key",
                remedy: "send one of them"
            )
        }
        return named
    }

    /// A number of units.
    func quantity(_ field: String) throws(Refusal) -> Int64? {
        try integer(field, in: 1...Limits.consumeUnits)
    }
}
