package import Entitlements

/// Why a call was not carried out: named, with the field at fault and the remedy.
///
/// The edge turns it into a problem document; nothing ever parses its text.
package struct Refusal: Error, Sendable, Equatable {
    /// The stable words of the contract (`code` of a problem document).
    package enum Code: String, Sendable, CaseIterable {
        case malformedJSON = "malformed_json"
        case invalidField = "invalid_field"
        case unknownField = "unknown_field"
        case missingField = "missing_field"
        case invalidName = "invalid_name"
        case planWithoutTrial = "plan_without_trial"
        case batchTooLarge = "batch_too_large"
        case eventTooOld = "event_too_old"
        case eventInFuture = "event_in_future"
        case signatureMissing = "signature_missing"
        case signatureInvalid = "signature_invalid"
        case signatureStale = "signature_stale"
        case unauthenticated
        case keyExpired = "key_expired"
        case keyRevoked = "key_revoked"
        case missingScope = "missing_scope"
        case testClocksDisabled = "test_clocks_disabled"
        case unknownAccount = "unknown_account"
        case unknownSession = "unknown_session"
        case unknownFeature = "unknown_feature"
        case unknownPlan = "unknown_plan"
        case unknownSubscription = "unknown_subscription"
        case unknownGrant = "unknown_grant"
        case unknownCredit = "unknown_credit"
        case unknownReservation = "unknown_reservation"
        case unknownLease = "unknown_lease"
        case unknownConsumption = "unknown_consumption"
        case unknownFlag = "unknown_flag"
        case unknownFlagVersion = "unknown_flag_version"
        case unknownKey = "unknown_key"
        case unknownSource = "unknown_source"
        case unknownEvent = "unknown_event"
        case noSeat = "no_seat"
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict
        case trialAlreadyUsed = "trial_already_used"
        case overlappingChanges = "overlapping_changes"
        case noPeriod = "no_period"
        case seatsInUse = "seats_in_use"
        case customerLinkedElsewhere = "customer_linked_elsewhere"
        case limitReached = "limit_reached"
        case belowZero = "below_zero"
        case reservationLapsed = "reservation_lapsed"
        case idempotencyInFlight = "idempotency_in_flight"
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case idempotencyKeyReused = "idempotency_key_reused"
        case catalogInvalid = "catalog_invalid"
        case flagInvalid = "flag_invalid"
        case versionMismatch = "version_mismatch"
        case headersTooLarge = "headers_too_large"
        case `internal`
        case overloaded
        case databaseUnavailable = "database_unavailable"
    }

    package let code: Code
    package let detail: String
    package var field: String?
    package var remedy: String?
    /// Seconds after which the caller may try again.
    package var retryAfter: Int?
    /// With `catalog_invalid`: every mistake that was found.
    package var problems: [JSON]?

    package init(
        _ code: Code,
        _ detail: String,
        field: String? = nil,
        remedy: String? = nil,
        retryAfter: Int? = nil,
        problems: [JSON]? = nil
    ) {
        self.code = code
        self.detail = detail
        self.field = field
        self.remedy = remedy
        self.retryAfter = retryAfter
        self.problems = problems
    }
}

extension Refusal {
    package static func unknownAccount(_ id: String) -> Refusal {
        Refusal(
            .unknownAccount,
            "there is no account \(id)",
            field: "account",
            remedy: "create it with PUT /v1/accounts/\(id)"
        )
    }

    package static func unknownFeature(_ id: String) -> Refusal {
        Refusal(
            .unknownFeature,
            "the catalog has no feature \(id)",
            field: "feature",
            remedy: "add it to features.yaml, or check its name: GET /v1/features"
        )
    }

    package static func unknownSession(_ id: String) -> Refusal {
        Refusal(.unknownSession, "there is no session \(id)", field: "session")
    }

    /// Checks need the database, and are refused without it rather than answered from before.
    package static let databaseUnavailable = Refusal(
        .databaseUnavailable,
        "the database does not answer; nothing was decided or changed",
        remedy: "try again; Usher reconnects by itself",
        retryAfter: 1
    )

    /// Another change of the same account, or a long transaction typed by hand, holds the lock.
    package static let busy = Refusal(
        .overloaded,
        "another change of the same account has not ended; nothing was changed",
        remedy: "try again in a moment",
        retryAfter: 1
    )

    package static let overloaded = Refusal(
        .overloaded,
        "more checks wait than the bound allows; nothing was decided",
        remedy: "slow down, or add an instance",
        retryAfter: 1
    )
}
