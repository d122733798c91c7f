extension Account {
    /// The account with a subscription in the place of the one of the same id.
    package func replacing(_ subscription: Subscription) -> Account {
        Account(
            id: id,
            revision: revision,
            changedAt: changedAt,
            testClock: testClock,
            blockedSince: blockedSince,
            blockedUntil: blockedUntil,
            subscriptions: subscriptions.map { $0.id == subscription.id ? subscription : $0 },
            grants: grants,
            levels: levels
        )
    }
}
