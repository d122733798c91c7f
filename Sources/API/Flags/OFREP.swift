import Crypto
import Entitlements
import Flags
import Front
import HTTPTypes
import Service
import Store

/// OpenFeature's Remote Evaluation Protocol 0.3.0: what comes in, and what goes out.
enum OFREP {
    static let single = "/ofrep/v1/evaluate/flags/{key}"
    static let bulk = "/ofrep/v1/evaluate/flags"

    /// The answer for one flag, with its status.
    static func single(_ answers: FlagAnswers) -> (status: Int, body: JSON) {
        guard let (key, evaluation) = answers.answers.first else { return (404, [:]) }
        let body = item(key, evaluation, revision: answers.configurationRevision)
        guard let error = evaluation.error else { return (200, body) }
        return (error.code == .flagNotFound ? 404 : 400, body)
    }

    /// The answers for all, a flag that fails being an item that says so, and their tag.
    ///
    /// The tag is of the whole body but the rising revision, which changes with every plan and key:
    /// whatever can change an answer is in it.
    static func bulk(_ answers: FlagAnswers) -> (body: JSON, tag: String) {
        let items = JSON.array(answers.answers.map { item($0.key, $0.evaluation) })
        let tagged: JSON = ["flags": items, "metadata": .object(answers.metadata)]
        let digest = SHA256.hash(data: tagged.bytes).prefix(16)
        var metadata = answers.metadata
        metadata["configVersion"] = .integer(answers.configurationRevision)
        return (
            ["flags": items, "metadata": .object(metadata)],
            "\"" + digest.map { hex($0) }.joined() + "\""
        )
    }

    /// An error that is no flag's own: of the request, or of its context.
    static func failure(_ error: FlagError, flag: String?) -> JSON {
        var members: [String: JSON] = [
            "errorCode": .string(error.code.word), "errorDetails": .string(error.details),
        ]
        members["key"] = flag.map(JSON.string)
        return .object(members)
    }

    static func item(
        _ key: String,
        _ evaluation: Evaluation,
        revision: Int64? = nil
    ) -> JSON {
        var metadata = evaluation.metadata
        metadata["configVersion"] = revision.map(JSON.integer)
        var members: [String: JSON] = ["key": .string(key), "metadata": .object(metadata)]
        if let error = evaluation.error {
            members["errorCode"] = .string(error.code.word)
            members["errorDetails"] = .string(error.details)
        } else {
            members["reason"] = .string(evaluation.reason.rawValue)
            members["variant"] = .string(evaluation.variant)
            members["value"] = evaluation.value
        }
        return .object(members)
    }

    private static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16)
        return byte < 16 ? "0" + text : text
    }
}

extension FlagError.Code {
    /// OFREP has no word for a type: clients compare types themselves.
    fileprivate var word: String { self == .typeMismatch ? "GENERAL" : rawValue }
}
