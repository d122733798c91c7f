/// One call to the provider: a GET of `url` with exactly these headers.
package struct CallbackRequest: Sendable, Hashable {
    /// What the answer will be.
    package enum Purpose: String, Sendable, CaseIterable {
        /// One subscription.
        case subscription
        /// One customer, asked in order to learn whether it still exists.
        case customer
        /// A list of subscriptions.
        case subscriptions
        /// More items of one subscription.
        case items
        /// The schedule by which one subscription will change.
        case schedule
    }

    /// A header whose value may be the API key, and so is never shown.
    package struct Header: Sendable, Hashable {
        package let name: String
        let value: Secret

        package init(name: String, value: String) {
            self.name = name
            self.value = Secret(value)
        }
    }

    package let url: String
    package let purpose: Purpose
    /// Whether the subscription is applied without what this would have told: a key may be good for
    /// subscriptions and not for schedules.
    package var isOptional: Bool { purpose == .schedule }
    let sealedHeaders: [Header]

    package init(url: String, headers: [Header], purpose: Purpose) {
        self.url = url
        sealedHeaders = headers
        self.purpose = purpose
    }

    /// What to send, the API key among it: for the call itself, and for no log.
    package var headers: [(name: String, value: String)] {
        sealedHeaders.map { (name: $0.name, value: $0.value.exposed) }
    }
}

extension CallbackRequest: CustomStringConvertible {
    package var description: String { "\(purpose.rawValue): GET \(url)" }
}

/// Why no call can be made; nothing was sent.
package struct CallbackProblem: Error, Hashable, CustomStringConvertible {
    package let field: String
    package let message: String
    package let remedy: String

    package var description: String { "\(field): \(message); \(remedy)" }
}
