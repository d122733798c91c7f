import Entitlements
import Flags
import Front
import Service
import Store

/// An evaluation as it came over HTTP by OpenFeature's protocol, on the hot path or behind it: read
/// here, answered here, so that both give the same answers.
struct FlagCall: Sendable {
    static let hotRoute = HotRoute(
        method: "POST",
        path: OFREP.bulk + "/",
        takesName: true,
        id: 3
    )

    let question: FlagQuestion
    let caller: KeyDigest?
    /// What is wrong with the body; kept until the caller is known.
    private let mistake: FlagError?

    /// Reads a body; an empty one asks without a context, as some clients do.
    init(flag: String?, body: [UInt8], caller: KeyDigest?) {
        self.caller = caller
        switch Self.context(body) {
        case .success(let context):
            question = FlagQuestion(flag: flag, context: context)
            mistake = nil
        case .failure(let error):
            question = FlagQuestion(flag: flag, context: nil)
            mistake = error
        }
    }

    private static func context(_ body: [UInt8]) -> Result<JSON?, FlagError> {
        guard !body.isEmpty else { return .success(nil) }
        guard let json = try? JSON(parsing: body) else {
            return .failure(FlagError(.parseError, "the body is not valid JSON"))
        }
        guard let object = json.object else {
            return .failure(
                FlagError(.parseError, "the body must be an object: {\"context\": {…}}")
            )
        }
        return .success(object["context"])
    }

    /// What there is to answer.
    func evaluate(
        in view: BarrierView,
        by usher: UsherService
    ) throws(Refusal) -> Result<FlagAnswers, FlagError> {
        let answers = try usher.evaluate(question, by: caller, in: view)
        return mistake.map { .failure($0) } ?? answers
    }

    /// The answer for one flag.
    func answer(
        _ result: Result<BarrierView, BarrierFailure>,
        by usher: UsherService,
        requestID: () -> String
    ) -> HotResponse {
        do throws(Refusal) {
            let view = try result.view()
            switch try evaluate(in: view, by: usher) {
            case .success(let answers):
                let (status, body) = OFREP.single(answers)
                return HotResponse(status: status, body: body.bytes)
            case .failure(let error):
                let body = OFREP.failure(error, flag: question.flag)
                return HotResponse(status: 400, body: body.bytes)
            }
        } catch {
            return HotResponse(Problem(refusal: error, requestID: requestID()))
        }
    }
}
