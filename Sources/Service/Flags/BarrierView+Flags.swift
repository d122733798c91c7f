import Entitlements
import Flags
import Store

/// What the server knows of who asks, for flags.
extension BarrierView {
    /// The context with what is known of the session; one that is not in good standing has none.
    func enrich(
        _ context: FlagContext,
        for named: String?
    ) throws(FlagError) -> FlagContext {
        guard named != nil else { return context }
        let standing = Entitlements.standing(session: session, account: account, at: at, clock: now)
        guard standing == nil, let session, let account else {
            let word = standing?.rawValue ?? Decision.Reason.sessionUnknown.rawValue
            throw FlagError(.invalidContext, "the session that is named opens nothing: \(word)")
        }
        return known(of: account, session, user: session.user, context)
    }

    fileprivate func known(
        of account: Account,
        _ session: Session?,
        user: String?,
        _ context: FlagContext
    ) -> FlagContext {
        var context = context
        // By user, so that nobody changes sides with the next sign-in.
        context.targetingKey = user ?? account.id
        let held = account.held(at: at, in: live.configuration)
        let device = session?.device.flatMap(JSON.init(kept:))?.object ?? [:]
        context.server = [
            "account": .string(account.id), "user": user.map(JSON.string) ?? .null,
            "session": session.map { .string($0.id) } ?? .null,
            "plan": held.plan.map(JSON.string) ?? .null,
            "addons": .array(held.addons.map(JSON.string)), "trial": .bool(held.isTrial),
            "attributes": account.attributes.flatMap(JSON.init(kept:)) ?? .object([:]),
            "device": .object(device),
            "country": device["country"] ?? .null, "app_version": device["app_version"] ?? .null,
            "entitlements": .object(entitlements(of: account, session, user)),
        ]
        return context
    }

    /// What they are entitled to, of the features that some rule asks about: by what was bought,
    /// gates apart, which would ask again.
    private func entitlements(
        of account: Account,
        _ session: Session?,
        _ user: String?
    ) -> [String: JSON] {
        let needs = live.flags.needs
        guard needs.allEntitlements || !needs.entitlements.isEmpty else { return [:] }
        let features =
            needs.allEntitlements
            ? live.features
            : needs.entitlements.compactMap { live.configuration.features[$0] }
        var entitlements: [String: JSON] = [:]
        for feature in features {
            let decision = entitled(feature, account, session, user)
            entitlements[feature.id] =
                decision.allowed ? decision.value ?? .bool(true) : .bool(false)
        }
        return entitlements
    }

    private func entitled(
        _ feature: Feature,
        _ account: Account,
        _ session: Session?,
        _ user: String?
    ) -> Decision {
        guard session != nil else {
            return decide(
                account: account,
                user: user,
                configuration: live.configuration,
                feature: feature,
                at: at,
                clock: now
            )
        }
        return decide(
            session: session,
            account: account,
            configuration: live.configuration,
            feature: feature,
            at: at,
            clock: now
        )
    }
}

/// Asks the gates of features for one asker.
///
/// What is known of who asks is worked out once, and only where a feature has a gate.
struct Gatekeeper {
    private let view: BarrierView
    private let user: String?
    private let attributes: [String: JSON]
    private var context: FlagContext?

    /// The user is the session's; `user` is for an account's own service, which has none.
    init(_ view: BarrierView, user: String? = nil, attributes: [String: JSON] = [:]) {
        self.view = view
        self.user = view.session?.user ?? user
        self.attributes = attributes
    }

    /// The feature with what its gate says to who asks; as it is where it has none.
    ///
    /// A flag that is missing, off, at fault, or gives anything but `true` is a closed gate.
    mutating func asked(_ feature: Feature) -> Feature {
        guard let flag = feature.gate, let account = view.account else { return feature }
        let sent = FlagContext(attributes: attributes)
        let context = context ?? view.known(of: account, view.session, user: user, sent)
        self.context = context
        let flags = view.live.flags
        var feature = feature
        feature.gating = Feature.Gating(
            isOpen: flags.evaluate(flag, context, at: view.at).value == .bool(true),
            until: flags.boundary(of: flag, after: view.at) ?? .never
        )
        return feature
    }
}

extension JSON {
    /// What the database kept as JSON.
    fileprivate init?(kept text: String) {
        guard let json = try? JSON(parsing: Array(text.utf8)) else { return nil }
        self = json
    }
}
