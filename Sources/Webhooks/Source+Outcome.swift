import Entitlements

extension Source {
    /// Says what one whole answer of the provider means for the subject it was asked about.
    ///
    /// An answer that leaves out pages, or a subscription's schedule, is `unusable` here: join them
    /// with ``CallbackExchange``.
    package func interpret(subject: Subject, status: Int, body: [UInt8]) -> CallbackOutcome {
        if let outcome = outcome(status: status) { return outcome }
        do {
            return interpret(subject: subject, answer: try JSON(parsing: body))
        } catch {
            return .unusable(reason: "the answer is no JSON: \(error)")
        }
    }

    /// What the status alone decides; nil when the body is to be read.
    func outcome(status: Int) -> CallbackOutcome? {
        if definition.callback.gone.contains(status) { return .gone }
        return switch status {
        case 200: nil
        case 401, 403: .unauthorized
        case 429: .rateLimited
        // 409: the object is locked by another call; 408 and 425 ask for the same call again.
        case 408, 409, 425, 500...599: .retry(reason: "the provider answered \(status)")
        default: .unusable(reason: "the provider answered \(status)")
        }
    }

    func interpret(subject: Subject, answer: JSON) -> CallbackOutcome {
        do throws(MappingProblem) {
            switch subject.kind {
            case .subscription: return try subscription(subject, answer)
            case .customer: return try customer(subject, answer)
            }
        } catch {
            return .unusable(reason: error.reason)
        }
    }

    private func subscription(
        _ subject: Subject,
        _ answer: JSON
    ) throws(MappingProblem) -> CallbackOutcome {
        let subscription = try mapped(answer)
        if let schedule = definition.map.schedule, schedule.name(in: answer) != nil {
            throw MappingProblem("\(schedule.at) names a schedule that is not here")
        }
        guard subscription.id == subject.id else {
            throw MappingProblem("the answer is about another subscription")
        }
        return .subscriptions([subscription], complete: false)
    }

    /// A list of the customer's subscriptions, or the customer itself.
    private func customer(
        _ subject: Subject,
        _ answer: JSON
    ) throws(MappingProblem) -> CallbackOutcome {
        let callback = definition.callback
        if let list = callback.paging?.list, let entries = answer.at(pointer: list)?.array {
            return try listing(subject, answer, entries)
        }
        guard callback.customerID.text(in: answer) == subject.id else {
            throw MappingProblem("the answer is about another customer, or about none")
        }
        if callback.deleted?.value(in: answer)?.value.bool == true {
            return .customerDeleted(subject.id)
        }
        return .subscriptions([], complete: false)
    }

    private func listing(
        _ subject: Subject,
        _ answer: JSON,
        _ entries: [JSON]
    ) throws(MappingProblem) -> CallbackOutcome {
        // That these are all ends whatever is not among them: it must be said, not assumed.
        if let more = definition.callback.paging?.more,
            answer.at(pointer: more)?.bool != false
        {
            throw MappingProblem("the list does not say at \(more) that it is whole")
        }
        var subscriptions: [ProviderSubscription] = []
        for entry in entries {
            let subscription = try mapped(entry)
            guard subscription.customer == subject.id else {
                throw MappingProblem("the list holds a subscription of another customer")
            }
            subscriptions.append(subscription)
        }
        return .subscriptions(subscriptions, complete: true)
    }

    private func mapped(_ json: JSON) throws(MappingProblem) -> ProviderSubscription {
        guard !isCutShort(json) else {
            throw MappingProblem("the subscription has more items than are here")
        }
        let mapper = SubscriptionMapper(map: definition.map, policy: definition.status)
        let subscription = try mapper.subscription(from: json)
        if let wanted = definition.livemode, let found = subscription.livemode, found != wanted {
            throw MappingProblem("its livemode is \(found), this source takes \(wanted)")
        }
        return subscription
    }
}
