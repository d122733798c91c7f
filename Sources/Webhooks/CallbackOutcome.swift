/// What a provider's answer means for the subject that it was asked about.
package enum CallbackOutcome: Sendable, Hashable {
    /// The current truth. `complete` is true when these are all of a customer's subscriptions, so
    /// that whatever is known of this customer and not among them has ended.
    case subscriptions([ProviderSubscription], complete: Bool)
    /// The customer is no more, and with it every subscription that it had.
    case customerDeleted(String)
    /// The provider does not know it. Nearly always a wrong account or mode: ask again later, and
    /// never revoke at once.
    case gone
    /// Our key is refused: the same call fails until an operator mends it.
    case unauthorized
    case rateLimited
    /// A failure that passes by itself.
    case retry(reason: String)
    /// An answer that neither grants nor revokes and that no repetition would mend: keep it, and
    /// tell somebody.
    case unusable(reason: String)
}
