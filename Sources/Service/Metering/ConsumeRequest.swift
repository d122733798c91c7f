import Entitlements
import Limits
import Store

/// A request to take units of features, all of them or none.
package struct ConsumeRequest: Sendable {
    /// On whose behalf.
    package enum Asker: Sendable, Equatable {
        case session(String)
        /// The account's own service, for one of its users or for none.
        case account(String, user: String?)
    }

    package struct Item: Sendable, Equatable {
        package let feature: String
        package let quantity: Int64
        package init(feature: String, quantity: Int64) {
            self.feature = feature
            self.quantity = quantity
        }
    }

    package let asker: Asker
    /// One feature, or several.
    package let items: [Item]
    /// Whether it names features in a list, and is answered by one.
    package let isSeveral: Bool
    /// Whether less is taken where there is less.
    package let isCapped: Bool
    /// The key under which a repetition is recognised, and what was asked under it.
    package let key: String?
    package let fingerprint: [UInt8]

    package init(
        asker: Asker,
        items: [Item],
        isSeveral: Bool = false,
        isCapped: Bool = false,
        key: String? = nil,
        fingerprint: [UInt8] = []
    ) {
        self.asker = asker
        self.items = items
        self.isSeveral = isSeveral
        self.isCapped = isCapped
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What a request took.
package final class Consumed: Sendable {
    /// The decisions, one a feature.
    package let judgement: Judgement
    /// How much was taken of each.
    package let quantities: [Int64]
    package let isAllowed: Bool

    init(judgement: Judgement, quantities: [Int64], isAllowed: Bool) {
        self.judgement = judgement
        self.quantities = quantities
        self.isAllowed = isAllowed
    }
}

extension ConsumeRequest.Asker {
    package var session: String? {
        guard case .session(let id) = self else { return nil }
        return id
    }

    package var account: String? {
        switch self {
        case .session(let id): SessionID.account(of: id).map(String.init)
        case .account(let id, _): id
        }
    }
}

extension BarrierView {
    /// Who asks at the gates of what is consumed.
    func gates(for asker: ConsumeRequest.Asker) -> Gatekeeper {
        guard case .account(_, let user) = asker else { return Gatekeeper(self) }
        return Gatekeeper(self, user: user)
    }

    /// What somebody asks for, as it stands behind this barrier.
    func consumable(
        _ feature: Feature,
        by asker: ConsumeRequest.Asker,
        _ gates: inout Gatekeeper
    ) throws(Refusal) -> Consumable {
        let feature = gates.asked(feature)
        switch asker {
        case .session:
            return Consumable(
                feature,
                session: session,
                account: account,
                configuration: live.configuration,
                at: at,
                clock: now
            )
        case .account(let id, let user):
            guard let account else { throw .unknownAccount(id) }
            return Consumable(
                feature,
                account: account,
                user: user,
                configuration: live.configuration,
                at: at,
                clock: now
            )
        }
    }

    /// The decisions of a request, as of this barrier.
    func judgement(
        _ asker: ConsumeRequest.Asker,
        _ decisions: [Decision]
    ) -> Judgement {
        let isKnown = account != nil && (asker.session == nil || session != nil)
        return Judgement(
            session: asker.session,
            account: isKnown ? account?.id : nil,
            revision: isKnown ? account?.revision : nil,
            configurationRevision: live.configuration.revision,
            at: at,
            items: decisions.map { .decision($0) }
        )
    }
}

extension LiveConfiguration {
    /// A feature that units can be taken of.
    func consumedFeature(
        _ id: String,
        _ kinds: Set<Feature.Kind>,
        field: String = "feature"
    ) throws(Refusal) -> Feature {
        guard let feature = configuration.features[id] else { throw .unknownFeature(id) }
        guard kinds.contains(feature.kind) else {
            let words = kinds.map(\.rawValue).sorted().joined(separator: " or ")
            throw Refusal(
                .invalidField,
                "feature \(id) is of type \(feature.kind.rawValue), and this takes \(words)",
                field: field,
                remedy: "name a feature of type \(words): GET /v1/features"
            )
        }
        return feature
    }
}
