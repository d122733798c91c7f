import Entitlements

extension SubscriptionMapper {
    /// The trial's dates, and what follows it.
    func readTrial(
        of json: JSON,
        into subscription: inout ProviderSubscription
    ) throws(MappingProblem) {
        subscription.trialStart = try moment(.trialStart, in: json)
        subscription.trialEnd = try moment(.trialEnd, in: json)
        subscription.trialAtEnd = try trialAtEnd(of: json)
        subscription.hasPaymentMethod = try hasPaymentMethod(json)
    }

    private func trialAtEnd(of json: JSON) throws(MappingProblem) -> TrialEnding? {
        guard let trialAtEnd = map.trialAtEnd,
            let (value, pointer) = trialAtEnd.place.value(in: json)
        else { return nil }
        guard let word = value.string, let meaning = trialAtEnd.words[word] else {
            throw MappingProblem("\(pointer) holds no known word")
        }
        return switch meaning {
        case .cancel: .cancel
        case .pause: .pause
        case .fallback: .fallback
        case .plan: nil
        }
    }

    private func hasPaymentMethod(_ json: JSON) throws(MappingProblem) -> Bool? {
        guard let method = map.paymentMethod else { return nil }
        if let (value, pointer) = method.places.value(in: json) {
            guard value.string?.isEmpty == false || value.object != nil else {
                throw MappingProblem("\(pointer) is no payment method")
            }
            return true
        }
        if method.alternative?.holds(in: json) == true { return true }
        // "None" can only be said after looking everywhere.
        return method.places.candidates.contains { json.hasOnlyID(on: $0) } ? nil : false
    }
}

extension JSON {
    /// Whether the way to a place ends early, at the id of an object that is not here.
    fileprivate func hasOnlyID(on pointer: String) -> Bool {
        var way = pointer[...]
        while let slash = way.lastIndex(of: "/"), slash > way.startIndex {
            way = way[..<slash]
            if at(pointer: String(way))?.string != nil { return true }
        }
        return false
    }
}
