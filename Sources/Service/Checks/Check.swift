package import Entitlements
package import Flags
package import Store

/// A question about what a session may use now.
package struct Check: Sendable, Equatable {
    /// Which features it asks about.
    package enum Subject: Sendable, Equatable {
        case one(String)
        case several([String])
        /// Every feature of the catalog.
        case all
    }

    package let session: String
    package let subject: Subject
    /// Whether one feature's decision comes with all that was considered for it.
    package let explains: Bool
    /// Flags that are evaluated beside them.
    package let flags: [String]
    /// The caller's own attributes, for flags and gates.
    package let context: [String: JSON]

    package init(
        session: String,
        subject: Subject,
        explains: Bool = false,
        flags: [String] = [],
        context: [String: JSON] = [:]
    ) {
        self.session = session
        self.subject = subject
        self.explains = explains
        self.flags = flags
        self.context = context
    }

    /// The features whose meters the answer tells.
    package var meters: MeterDemand {
        switch subject {
        case .one(let feature): .feature(feature)
        case .several(let features): .features(features)
        case .all: .all
        }
    }
}

/// The answer to a check, all of it from one snapshot.
package struct Judgement: Sendable {
    package enum Item: Sendable {
        case decision(Decision)
        case explained(Explanation)
        case unknownFeature(String)

        /// Nil for a feature that nobody knows.
        package var decision: Decision? {
            switch self {
            case .decision(let decision): decision
            case .explained(let explanation): explanation.decision
            case .unknownFeature: nil
            }
        }
    }

    /// The session as asked; nil where an account's own service asks.
    package let session: String?
    /// The session's account and its revision; nil when the session is unknown.
    package let account: String?
    package let revision: Int64?
    package let configurationRevision: Int64
    package let at: Instant
    package let items: [Item]
    package let flags: [(key: String, evaluation: Evaluation)]

    package init(
        session: String?,
        account: String?,
        revision: Int64?,
        configurationRevision: Int64,
        at: Instant,
        items: [Item],
        flags: [(key: String, evaluation: Evaluation)] = []
    ) {
        self.session = session
        self.account = account
        self.revision = revision
        self.configurationRevision = configurationRevision
        self.at = at
        self.items = items
        self.flags = flags
    }
}

extension UsherService {
    /// Decides a check from a barrier's view.
    ///
    /// Pure: the hot path calls it on the barrier's queue, and every other interface through it, so
    /// they cannot disagree.
    ///
    /// - Throws: When the caller may not check, or the one feature asked about does not exist.
    package func judge(
        _ check: Check,
        by caller: KeyDigest?,
        in view: BarrierView
    ) throws(Refusal) -> Judgement {
        _ = try access.authorize(caller, for: .check, in: view.live, at: view.now)
        let configuration = view.live.configuration
        var gates = Gatekeeper(view, attributes: check.context)
        let items: [Judgement.Item]
        switch check.subject {
        case .one(let id):
            guard let feature = configuration.features[id] else {
                throw .unknownFeature(id)
            }
            let asked = gates.asked(feature)
            items = [
                check.explains ? .explained(view.explain(asked)) : .decision(view.decide(asked))
            ]
        case .several(let ids):
            items = ids.map { id in
                configuration.features[id].map { .decision(view.decide(gates.asked($0))) }
                    ?? .unknownFeature(id)
            }
        case .all:
            items = view.live.features.map { .decision(view.decide(gates.asked($0))) }
        }
        let isKnown = view.session != nil && view.account != nil
        return Judgement(
            session: check.session,
            account: isKnown ? view.account?.id : nil,
            revision: isKnown ? view.account?.revision : nil,
            configurationRevision: configuration.revision,
            at: view.at,
            items: items,
            flags: view.evaluate(check)
        )
    }

    /// Answers a check from a barrier that is read after it arrived.
    package func check(_ check: Check, by caller: KeyDigest?) async throws -> Judgement {
        try judge(
            check,
            by: caller,
            in: try await barrier.view(
                session: check.session,
                caller: .key(caller),
                meters: check.meters
            )
        )
    }
}

extension BarrierView {
    fileprivate func decide(_ feature: Feature) -> Decision {
        Entitlements.decide(
            session: session,
            account: account,
            configuration: live.configuration,
            feature: feature,
            at: at,
            clock: now,
            meters: meters
        )
    }

    fileprivate func explain(_ feature: Feature) -> Explanation {
        Entitlements.explain(
            session: session,
            account: account,
            configuration: live.configuration,
            feature: feature,
            at: at,
            clock: now,
            meters: meters
        )
    }

    /// The flags that are asked about, beside the features.
    fileprivate func evaluate(_ check: Check) -> [(key: String, evaluation: Evaluation)] {
        guard !check.flags.isEmpty else { return [] }
        let sent = FlagContext(attributes: check.context)
        let context = Result { () throws(FlagError) in try enrich(sent, for: check.session) }
        return check.flags.map { key in
            switch context {
            case .success(let context): (key, live.flags.evaluate(key, context, at: at))
            case .failure(let error): (key, .refused(error))
            }
        }
    }
}
