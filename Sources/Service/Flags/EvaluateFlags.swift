package import Entitlements
package import Flags
package import Store

/// A question about flags, for somebody or something.
///
/// A session may be named: as the context's `session`, or as its `targetingKey`. Then what the server
/// knows of it stands over what the caller says; without one, the context is the caller's alone.
package struct FlagQuestion: Sendable {
    /// One flag; nil for all of them.
    package let flag: String?
    /// As it was sent, or why it is none.
    package let context: Result<FlagContext, FlagError>
    /// The session that is named.
    package let session: String?

    package init(flag: String?, context sent: JSON?) {
        self.flag = flag
        do throws(FlagError) {
            let context = try FlagContext(sent: sent)
            session = try Self.session(in: context)
            self.context = .success(context)
        } catch {
            context = .failure(error)
            session = nil
        }
    }

    /// Whatever looks like a session is one: a key that happens to be spelled like it is not known,
    /// and refused, rather than evaluated for nobody.
    private static func session(in context: FlagContext) throws(FlagError) -> String? {
        switch context.attributes["session"] {
        case .string(let named)?: return named
        case nil, .null?: break
        default: throw FlagError(.invalidContext, "`session` has to be the id of a session")
        }
        guard let key = context.targetingKey, SessionID.account(of: key) != nil else { return nil }
        return key
    }
}

/// The answers of some flags, all of them as of one barrier.
package struct FlagAnswers: Sendable {
    package let answers: [(key: String, evaluation: Evaluation)]
    package let metadata: [String: JSON]
    package let configurationRevision: Int64
}

extension UsherService {
    /// Evaluates from a barrier's view.
    ///
    /// Pure: the hot path calls it on the barrier's queue.
    ///
    /// - Throws: When the caller may not evaluate.
    /// - Returns: The answers, or why there is no context to answer for.
    package func evaluate(
        _ question: FlagQuestion,
        by caller: KeyDigest?,
        in view: BarrierView
    ) throws(Refusal) -> Result<FlagAnswers, FlagError> {
        _ = try access.authorize(caller, for: .check, in: view.live, at: view.now)
        let set = view.live.flags
        let context: FlagContext
        do throws(FlagError) {
            context = try view.enrich(try question.context.get(), for: question.session)
        } catch {
            return .failure(error)
        }
        let answers =
            question.flag.map { [($0, set.evaluate($0, context, at: view.at))] }
            ?? set.evaluateAll(context, at: view.at)
        return .success(
            FlagAnswers(
                answers: answers,
                metadata: set.document.metadata,
                configurationRevision: view.live.configuration.revision
            )
        )
    }
}
