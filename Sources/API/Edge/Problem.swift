import Entitlements
import Service

/// A refusal as an `application/problem+json` document (RFC 9457) with its status.
struct Problem {
    let refusal: Refusal
    let requestID: String

    static let contentType: StaticString = "application/problem+json"

    var status: Int { refusal.code.status }

    var body: [UInt8] {
        var members: [String: JSON] = [
            "type": .string("https://usher.dev/problems/\(refusal.code.rawValue)"),
            "title": .string(refusal.code.title),
            "status": .integer(Int64(status)),
            "detail": .string(refusal.detail),
            "code": .string(refusal.code.rawValue),
            "request_id": .string(requestID),
        ]
        members["field"] = refusal.field.map(JSON.string)
        members["remedy"] = refusal.remedy.map(JSON.string)
        members["problems"] = refusal.problems.map(JSON.array)
        return JSON.object(members).bytes
    }

    /// Headers that go with the status.
    var headers: [(String, String)] {
        var headers: [(String, String)] = []
        if status == 401 { headers.append(("WWW-Authenticate", "Bearer realm=\"usher\"")) }
        // A 503 always says when to come back; others only when they know.
        if let seconds = refusal.retryAfter ?? (status == 503 ? 1 : nil) {
            headers.append(("Retry-After", "\(seconds)"))
        }
        return headers
    }
}

extension JSON {
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }
}

extension Refusal.Code {
    var status: Int {
        switch self {
        case .malformedJSON, .invalidField, .unknownField, .missingField, .invalidName,
            .planWithoutTrial, .batchTooLarge, .eventTooOld, .eventInFuture, .signatureMissing,
            .signatureInvalid,
            .signatureStale:
            400
        case .unauthenticated, .keyExpired, .keyRevoked: 401
        case .missingScope, .testClocksDisabled: 403
        case .unknownAccount, .unknownSession, .unknownFeature, .unknownPlan,
            .unknownSubscription, .unknownGrant, .unknownCredit, .unknownKey, .unknownSource,
            .unknownEvent, .unknownReservation, .unknownLease, .unknownConsumption, .noSeat,
            .unknownFlag, .unknownFlagVersion,
            .notFound:
            404
        case .methodNotAllowed: 405
        case .conflict, .trialAlreadyUsed, .overlappingChanges, .noPeriod, .seatsInUse,
            .customerLinkedElsewhere, .limitReached, .belowZero, .reservationLapsed,
            .idempotencyInFlight:
            409
        case .versionMismatch: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .idempotencyKeyReused, .catalogInvalid, .flagInvalid: 422
        case .headersTooLarge: 431
        case .internal: 500
        case .overloaded, .databaseUnavailable: 503
        }
    }

    /// The code in words: `unknown_feature` is "Unknown feature".
    var title: String {
        let words = rawValue.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
