import Postgres
package import Store

extension Refusal {
    /// A refusal of a lower layer in the contract's words; nil for what nobody expected.
    package init?(_ error: any Error) {
        switch error {
        case let refusal as Refusal: self = refusal
        case let refusal as StoreRefusal: self.init(refusal)
        case let refusal as IdempotencyRefusal: self.init(refusal)
        case let failure as BarrierFailure: self.init(failure)
        case let failure as MeterFailure: self.init(failure)
        // A lock that was waited for, or a statement that waited for one and then ran out of time.
        case let error as PostgresError where ["55P03", "57014"].contains(error.sqlState):
            self = .busy
        case let error as PostgresError where error.isUnavailable: self = .databaseUnavailable
        default: return nil
        }
    }

    package init(_ failure: MeterFailure) {
        switch failure {
        case .databaseUnavailable: self = .databaseUnavailable
        case .overloaded: self = .overloaded
        case .busy: self = .busy
        case .vanished:
            self.init(
                .unknownAccount,
                "the account or the feature was taken away in this moment",
                field: "account"
            )
        case .broken:
            self.init(
                .internal,
                "it could not be counted; nothing was changed",
                remedy: "look in the log of the service"
            )
        case .outcomeUnknown:
            self.init(
                .databaseUnavailable,
                "the connection to the database broke at the commit: whether it was counted is "
                    + "not known",
                remedy: "repeat it under the same idempotency key; it counts once",
                retryAfter: 1
            )
        }
    }

    package init(_ failure: BarrierFailure) {
        switch failure {
        case .databaseUnavailable: self = .databaseUnavailable
        case .overloaded: self = .overloaded
        case .unreadableMeter:
            self.init(
                .internal,
                "what was counted of the feature cannot be read; nothing was decided",
                remedy: "upgrade this instance: a newer one wrote it in words that it does not know"
            )
        }
    }

    private init(_ refusal: StoreRefusal) {
        switch refusal {
        case .unknownAccount(let account):
            self = .unknownAccount(account)
        case .unknownPlan(let plan):
            self = .unknownPlan(plan)
        case .unknownPlanVersion(let plan, let version):
            self = .unknownVersion(version, of: plan)
        case .trialAlreadyUsed(let family, let subscription):
            self = .trialAlreadyUsed(family: family, by: subscription, field: "status")
        case .customerLinkedElsewhere(let source, let customer):
            self.init(
                .customerLinkedElsewhere,
                "customer \(customer) of \(source) is another account's",
                field: "billing.\(source)",
                remedy: "take it from that account first"
            )
        case .unknownFeature(let feature):
            self = .unknownFeature(feature)
        case .unknownSession(let session):
            self = .unknownSession(session)
        case .wrongFeatureType(let feature):
            self.init(
                .conflict,
                "feature \(feature) became one of another type in this moment",
                field: "feature",
                remedy: "see GET /v1/features, and send what its type takes"
            )
        }
    }

    package init(_ refusal: IdempotencyRefusal) {
        switch refusal {
        case .reused:
            self.init(
                .idempotencyKeyReused,
                "this Idempotency-Key was used for another request",
                field: "Idempotency-Key",
                remedy: "use a new key for a new request"
            )
        case .inFlight:
            self.init(
                .idempotencyInFlight,
                "the first request under this Idempotency-Key has not ended",
                field: "Idempotency-Key",
                remedy: "repeat it in a moment",
                retryAfter: 1
            )
        }
    }
}
