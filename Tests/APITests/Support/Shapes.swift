import Entitlements
import Testing

@testable import API
@testable import Service

/// The contract's shapes, as `docs/openapi.yaml` has them: exactly these keys, of these types.
enum Shape {
    static let decision: Set<String> = [
        "session", "account", "feature", "type", "allowed", "reason", "source", "value", "limit",
        "used", "remaining", "held", "over", "resets_at", "valid_until", "revision",
        "configuration_revision", "evaluated_at",
    ]

    /// Expects a decision as the contract has it.
    static func expectDecision(
        _ json: JSON,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let members = try #require(json.object, sourceLocation: sourceLocation)
        #expect(Set(members.keys) == decision, sourceLocation: sourceLocation)
        let reason = json["reason"]?.string ?? ""
        let kind = json["type"]?.string ?? ""
        let isCounted = Feature.Kind(rawValue: kind)?.isCounted
        let isConsumed = Feature.Kind(rawValue: kind)?.isConsumed == true
        let allowed = json["allowed"]?.bool
        #expect(Decision.Reason(rawValue: reason) != nil, sourceLocation: sourceLocation)
        #expect(isCounted != nil && allowed != nil, sourceLocation: sourceLocation)
        #expect(
            json["session"]?.string != nil && json["feature"]?.string != nil,
            sourceLocation: sourceLocation
        )
        let isUnknown = json["account"] == .null
        #expect((json["revision"] == .null) == isUnknown, sourceLocation: sourceLocation)
        #expect(isUnknown == (reason == "session_unknown"), sourceLocation: sourceLocation)
        let used = json["used"]?.integer
        #expect(
            (used ?? -1 >= 0) == (isCounted == true) && (used != nil) == (isCounted == true),
            sourceLocation: sourceLocation
        )
        // What only its count closes still has its limit, and what gives it.
        let isOpen = allowed == true || Decision.Reason(rawValue: reason)?.isOfCount == true
        for key in ["held", "over"] {
            let isThere = (json[key]?.integer ?? -1) >= 0
            #expect(isThere == (isConsumed && isOpen), sourceLocation: sourceLocation)
            #expect(isThere || json[key] == .null, sourceLocation: sourceLocation)
        }
        let resetsAt = json["resets_at"]
        #expect(
            resetsAt == .null || (isConsumed && isOpen && isTime(resetsAt)),
            sourceLocation: sourceLocation
        )
        let isLimited = isCounted == true && isOpen
        #expect((json["limit"] == .null) != isLimited, sourceLocation: sourceLocation)
        expectRemainder(json, sourceLocation: sourceLocation)
        let hasValue = isCounted == false && isOpen
        #expect((json["value"] == .null) != hasValue, sourceLocation: sourceLocation)
        let hasSource = isOpen || reason == "denied_by_grant"
        #expect((json["source"] == .null) != hasSource, sourceLocation: sourceLocation)
        if let source = json["source"], source != .null {
            let keys = Set(source.object?.keys.map(\.self) ?? [])
            #expect(keys == ["kind", "id", "version"], sourceLocation: sourceLocation)
        }
        #expect(isTime(json["evaluated_at"]), sourceLocation: sourceLocation)
        let until = json["valid_until"]
        #expect(until == .null || isTime(until), sourceLocation: sourceLocation)
    }

    private static func expectRemainder(_ json: JSON, sourceLocation: SourceLocation) {
        guard let limit = json["limit"]?.integer, let used = json["used"]?.integer else {
            return #expect(json["remaining"] == json["limit"], sourceLocation: sourceLocation)
        }
        let held = json["held"]?.integer ?? 0
        let owed = json["over"]?.integer ?? 0
        #expect(
            json["remaining"] == .integer(max(limit - used - held + owed, 0)),
            sourceLocation: sourceLocation
        )
    }

    /// Expects a problem document as the contract has it, with its headers.
    static func expectProblem(
        _ answer: RawAnswer,
        _ status: Int,
        _ code: Refusal.Code,
        field: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
        #expect(
            answer.headers["content-type"] == "application/problem+json",
            sourceLocation: sourceLocation
        )
        let members = try #require(answer.json.object, sourceLocation: sourceLocation)
        let required: Set = ["type", "title", "status", "detail", "code", "request_id"]
        let optional: Set = ["field", "remedy", "problems"]
        #expect(required.isSubset(of: members.keys), sourceLocation: sourceLocation)
        #expect(
            Set(members.keys).subtracting(required).isSubset(of: optional),
            sourceLocation: sourceLocation
        )
        #expect(answer.code == code.rawValue, "\(answer.text)", sourceLocation: sourceLocation)
        #expect(members["status"] == .integer(Int64(status)), sourceLocation: sourceLocation)
        #expect(
            members["type"] == .string("https://usher.dev/problems/\(code.rawValue)"),
            sourceLocation: sourceLocation
        )
        #expect(members["detail"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
        let id = members["request_id"]?.string
        #expect(id?.isEmpty == false, sourceLocation: sourceLocation)
        // The front gives the header only to who sent one.
        let isSame = answer.headers["x-request-id"].map { $0 == id } ?? true
        #expect(isSame, sourceLocation: sourceLocation)
        if let field {
            #expect(members["field"] == .string(field), sourceLocation: sourceLocation)
        }
        let challenge = answer.headers["www-authenticate"]?.hasPrefix("Bearer")
        #expect(challenge == (status == 401 ? true : nil), sourceLocation: sourceLocation)
        if status == 503 {
            #expect(answer.headers["retry-after"] != nil, sourceLocation: sourceLocation)
        }
    }

    /// RFC 3339 in UTC with milliseconds.
    static func isTime(_ json: JSON?) -> Bool {
        json?.string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
    }
}
