import Limits

/// A billing provider endpoint, ready for use: its definition, and what the environment adds.
///
/// It holds no connection and no clock. Taking an event in:
/// - ``verify(headers:body:now:)`` says whether the request is genuine
/// - ``read(body:headers:)`` says which event it is and what it points at
///
/// Asking the provider:
/// - ``CallbackExchange`` runs the calls for one subject to their end
/// - ``callback(for:)``, ``next(after:of:)`` and ``interpret(subject:status:body:)`` are its steps
package struct Source: Sendable {
    package let definition: SourceDefinition
    let authenticators: [Authenticator]
    let hasSecret: Bool
    let apiKey: Secret?
    let account: String?
    let base: String

    /// Takes the settings that the definition names from the environment.
    ///
    /// A variable that is not set is no error here: without a secret every request is refused, and
    /// without a key no call is made, each with its own reason.
    ///
    /// - Throws: when a value is there and cannot be used. The error never repeats the value.
    package init(
        definition: SourceDefinition,
        environment: (String) -> String?
    ) throws(SettingProblem) {
        self.definition = definition
        let settings = SourceSettings(of: definition, environment: environment)
        let secrets = try settings.secrets(of: definition)
        authenticators = try settings.authenticators(definition, secrets: secrets)
        hasSecret = !secrets.isEmpty
        apiKey = try settings.plain(definition.apiKeyVariable).map(Secret.init)
        account = try settings.account(definition.accountVariable)
        base = try settings.base(definition.base)
    }

    package var name: String { definition.name }
    /// Whether the provider can be asked at all.
    package var hasAPIKey: Bool { apiKey != nil }
    /// Whether anything can be found genuine at all.
    package var hasSecretConfigured: Bool { hasSecret }
}

extension Source: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let secret = hasSecret ? "set" : "not set"
        let key = hasAPIKey ? "set" : "not set"
        return "source \(name) at \(base) (secret \(secret), API key \(key))"
    }

    package var debugDescription: String { description }

    /// `dump` looks in here: the description is all that there is to see.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
