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
            self.context = .success(context)
            session = Self.session(in: context)
        } catch {
            context = .failure(error)
            session = nil
        }
    }

    /// Whatever looks like a session is one: a key that happens to be spelled like it is not known,
    /// and refused, rather than evaluated for nobody.
    private static func session(in context: FlagContext) -> String? {
        if case .string(let named)? = context.attributes["session"] { return named }
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

    /// Evaluates as of a barrier that is read after the question arrived.
    package func evaluate(
        _ question: FlagQuestion,
        by caller: KeyDigest?
    ) async throws -> Result<FlagAnswers, FlagError> {
        let view = try await barrier.view(session: question.session, caller: .key(caller))
        return try evaluate(question, by: caller, in: view)
    }
}

extension BarrierView {
    /// The context with what is known of the session; one that is not in good standing has none.
    fileprivate func enrich(
        _ context: FlagContext,
        for named: String?
    ) throws(FlagError) -> FlagContext {
        guard named != nil else { return context }
        let standing = Entitlements.standing(session: session, account: account, at: at, clock: now)
        guard standing == nil, let session, let account else {
            let word = standing?.rawValue ?? Decision.Reason.sessionUnknown.rawValue
            throw FlagError(.invalidContext, "the session that is named opens nothing: \(word)")
        }
        var context = context
        // By user, so that nobody changes sides with the next sign-in.
        context.targetingKey = session.user
        context.server = attributes(of: session, account)
        return context
    }

    private func attributes(of session: Session, _ account: Account) -> [String: JSON] {
        let held = account.held(at: at, in: live.configuration)
        return [
            "account": .string(account.id), "user": .string(session.user),
            "session": .string(session.id), "plan": held.plan.map(JSON.string) ?? .null,
            "addons": .array(held.addons.map(JSON.string)), "trial": .bool(held.isTrial),
            "attributes": .object(account.attributes), "device": .object(session.device),
            "country": session.device["country"] ?? .null,
            "app_version": session.device["app_version"] ?? .null,
            "entitlements": .object(entitlements()),
        ]
    }

    /// What the session is entitled to, of the features that some rule asks about.
    private func entitlements() -> [String: JSON] {
        let needs = live.flags.needs
        guard needs.allEntitlements || !needs.entitlements.isEmpty else { return [:] }
        let features =
            needs.allEntitlements
            ? live.features
            : needs.entitlements.compactMap { live.configuration.features[$0] }
        var entitlements: [String: JSON] = [:]
        for feature in features {
            let decision = Entitlements.decide(
                session: session,
                account: account,
                configuration: live.configuration,
                feature: feature,
                at: at,
                clock: now
            )
            entitlements[feature.id] =
                decision.allowed ? decision.value ?? .bool(true) : .bool(false)
        }
        return entitlements
    }
}
