import Entitlements

/// A field of a JSON value, and the text that it must have.
struct Condition: Sendable, Hashable {
    let pointer: String
    let text: String

    func holds(in json: JSON) -> Bool {
        json.at(pointer: pointer)?.string == text
    }
}
