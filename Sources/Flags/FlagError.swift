/// Why a flag has no answer, in the protocol's words.
package struct FlagError: Error, Hashable, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        case flagNotFound = "FLAG_NOT_FOUND"
        case parseError = "PARSE_ERROR"
        case targetingKeyMissing = "TARGETING_KEY_MISSING"
        case invalidContext = "INVALID_CONTEXT"
        case typeMismatch = "TYPE_MISMATCH"
        case general = "GENERAL"
    }

    package let code: Code
    package let details: String

    package init(_ code: Code, _ details: String) {
        self.code = code
        self.details = details
    }
}
