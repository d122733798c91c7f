package import Entitlements

/// Whom and what a flag is evaluated for.
///
/// What the server knows from the session stands over what the caller says, attribute by
/// attribute, so that nobody can claim another plan. Made once for a request and shared by all
/// its flags; nothing is merged unless a rule asks for the whole.
package struct FlagContext: Sendable {
    /// The caller's own attributes.
    package var attributes: [String: JSON]
    /// The server's: `account`, `user`, `session`, `plan`, `entitlements` and the like.
    package var server: [String: JSON]
    /// What stable splits go by, where a rule names nothing else.
    package var targetingKey: String?
    /// Variants given by force, by key of flag: for debugging one session.
    package var forced: [String: String]

    package init(
        attributes: [String: JSON] = [:],
        server: [String: JSON] = [:],
        targetingKey: String? = nil,
        forced: [String: String] = [:]
    ) {
        self.attributes = attributes
        self.server = server
        self.targetingKey = targetingKey
        self.forced = forced
    }

    /// Reads a context as OpenFeature's clients send it.
    ///
    /// As in flagd, an absent context and one that is no object are empty ones. A `targetingKey`
    /// that is no text is refused: a number would be another unit than the text of it.
    package init(
        sent context: JSON?,
        server: [String: JSON] = [:]
    ) throws(FlagError) {
        let attributes = context?.object ?? [:]
        switch attributes["targetingKey"] {
        case nil, .null: targetingKey = nil
        case .string(let key): targetingKey = key
        default: throw FlagError(.invalidContext, "`targetingKey` has to be a string")
        }
        self.attributes = attributes
        self.server = server
        forced = [:]
    }
}

extension FlagContext {
    /// An attribute; `targetingKey` and `$flagd` are none.
    func attribute(_ name: String) -> JSON? {
        if !server.isEmpty, let known = server[name] { return known }
        return attributes[name]
    }

    /// An attribute that is a text.
    func text(_ name: String) -> String? {
        attribute(name)?.string
    }

    /// All of it as one object.
    func merged(flagd: JSON) -> JSON {
        var whole = attributes.merging(server) { $1 }
        whole["targetingKey"] = targetingKey.map(JSON.string) ?? .null
        whole["$flagd"] = flagd
        return .object(whole)
    }
}
