import Entitlements
import Service

/// A call that is refused for one thing, with the word and the field that say so.
struct Mistake: Sendable {
    let method: String
    let path: String
    let body: JSON
    let code: Refusal.Code
    let field: String

    init(
        _ method: String,
        _ path: String,
        _ body: JSON,
        _ code: Refusal.Code,
        _ field: String
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.code = code
        self.field = field
    }
}
