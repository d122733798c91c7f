package import Entitlements
import Store

/// How much of a `seats` or `level` feature an account has in use, against what is open to it now.
package struct Usage: Sendable, Equatable {
    package let feature: String
    /// Nothing, while the feature is closed.
    package let limit: Quantity
    package let used: Int64
    /// Whether the feature is open, with so much in use.
    package let allowed: Bool
    /// The account's, as of this answer.
    package let revision: Int64

    init(_ feature: Feature, in state: AccountState) {
        let decision = state.decide(feature)
        self.feature = feature.id
        limit = decision.limit ?? .units(0)
        used = state.account.used(of: feature) ?? 0
        allowed = decision.allowed
        revision = state.account.revision
    }

    package var remaining: Quantity {
        switch limit {
        case .units(let units): .units(max(units - used, 0))
        case .unlimited: .unlimited
        }
    }

    /// How much more is in use than the limit says, after it shrank: nothing is taken away.
    package var over: Int64 {
        switch limit {
        case .units(let units): max(used - units, 0)
        case .unlimited: 0
        }
    }
}

extension LiveConfiguration {
    /// A feature of the catalog, of the type that a call is about.
    func feature(_ id: String, _ kind: Feature.Kind) throws(Refusal) -> Feature {
        guard let feature = configuration.features[id] else { throw .unknownFeature(id) }
        guard feature.kind == kind else {
            throw Refusal(
                .invalidField,
                "feature \(id) is of type \(feature.kind.rawValue), not \(kind.rawValue)",
                field: "feature",
                remedy: "see GET /v1/features for those of type \(kind.rawValue)"
            )
        }
        return feature
    }
}

extension Refusal {
    /// More than there is room for: of a limit that is used up, or of a feature that is closed.
    static func limitReached(
        _ usage: Usage,
        _ decision: Decision,
        account: String,
        field: String,
        release: String
    ) -> Refusal {
        guard let limit = decision.limit else {
            return Refusal(
                .limitReached,
                "\(usage.feature) is not open to \(account) (\(decision.reason.rawValue)), "
                    + "so its limit is 0; used are \(usage.used)",
                field: field,
                remedy: "open it with a plan, an add-on or a grant first"
            )
        }
        let most =
            switch limit {
            case .units(let units): "\(units)"
            case .unlimited: "unlimited"
            }
        return Refusal(
            .limitReached,
            "the limit of \(usage.feature) is \(most); used are \(usage.used)",
            field: field,
            remedy: "raise the limit with a plan, an add-on or a grant, or \(release)"
        )
    }
}
