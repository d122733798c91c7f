import Limits

/// What an event points at and the provider is asked about: state is fetched for it, never read
/// from the event.
package struct Subject: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable { case subscription, customer }

    package let kind: Kind
    /// The provider's id; it goes into a URL, so it is checked wherever one is made.
    package let id: String

    package init(kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }
}

extension Subject: CustomStringConvertible {
    package var description: String { "\(kind.rawValue) \(id)" }
}

/// An id as it may stand in a path: `[A-Za-z0-9_.-]{1,255}`, and not a step in a path itself.
enum SafeID {
    static func holds(_ id: String) -> Bool {
        guard 1...Limits.providerIDCharacters ~= id.utf8.count, id != ".", id != ".." else {
            return false
        }
        return id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    static let remedy = "an id is [A-Za-z0-9_.-]{1,\(Limits.providerIDCharacters)}"
}
