/// A billing provider endpoint as its file describes it: everything but the secrets.
///
/// - `auth`: how a request proves where it comes from
/// - `event` and `subjects`: which event it is, and what it points at
/// - `callback`: how the provider is asked for the current state
/// - `map` and `status`: what its answer means in our words
package struct SourceDefinition: Sendable, Hashable {
    /// A base URL: a value, or the name of a variable with a default.
    struct Base: Sendable, Hashable {
        let variable: String?
        let standard: String?
    }

    /// The last step of the path `/webhooks/{source}`, and the file's name.
    package let name: String
    /// The mode whose events and objects are taken; nil takes both.
    package let livemode: Bool?
    /// Names of environment variables; what they hold is never part of a definition.
    package let secretsVariable: String
    package let apiKeyVariable: String?
    package let accountVariable: String?
    let base: Base
    let auth: [SignatureScheme]
    let event: [EventShape]
    let subjects: [SubjectRule]
    let callback: CallbackPlan
    let map: SubscriptionMap
    let status: StatusPolicy

    /// Whether some scheme does not protect the body, so that only the callback is to be believed.
    package var isWeak: Bool { auth.contains(where: \.isWeak) }
}
