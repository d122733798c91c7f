extension Subscription {
    /// What a subscription comes to at one instant, whatever its status text says.
    package struct State: Sendable, Hashable {
        package enum Access: String, Sendable, CaseIterable {
            case trial, paid, grace
            /// By the plan that its trial falls to.
            case fallback
            case none
        }

        /// The plan held then; of a fallback, the plan that it is.
        package let plan: String
        /// The version that counts, also where the plan is followed; nil where there is none.
        package let version: Int?
        package let quantity: Int64
        package let access: Access
    }

    /// The state at an instant, by the very terms that decisions read.
    package func state(in configuration: Configuration, at instant: Instant) -> State {
        let held = held(at: instant)
        let own = configuration.version(of: held.plan, held.version)
        let access = term(in: configuration, at: instant).access(at: instant)
        if access == .fallback, let fallback = fallback(in: configuration, at: instant) {
            return State(
                plan: fallback.plan,
                version: fallback.version,
                quantity: quantity(at: instant),
                access: .fallback
            )
        }
        return State(
            plan: held.plan,
            version: own?.version,
            quantity: quantity(at: instant),
            access: own == nil ? .none : State.Access(access)
        )
    }

    /// Whether another subscription is the same from an instant on: no decision could tell.
    package func isSame(
        as other: Subscription,
        from start: Instant,
        in configuration: Configuration
    ) -> Bool {
        var instant = start
        while instant < .never {
            let mine = term(in: configuration, at: instant)
            let others = other.term(in: configuration, at: instant)
            let denials = (mine.denial(at: instant), other: others.denial(at: instant))
            guard
                state(in: configuration, at: instant)
                    == other.state(in: configuration, at: instant),
                denials.0?.reason == denials.other?.reason,
                denials.0?.since == denials.other?.since
            else { return false }
            instant = min(
                min(mine.boundary(after: instant), others.boundary(after: instant)),
                min(slotBoundary(after: instant), other.slotBoundary(after: instant))
            )
        }
        return true
    }
}

extension Subscription {
    /// The plan held at an instant, with the version that it is pinned to; what is over does not
    /// change any more.
    func held(at instant: Instant) -> (plan: String, version: Int?) {
        guard let change = planChange, change.at <= instant, change.at < close else {
            return (plan, version)
        }
        return (change.plan, change.version)
    }

    func quantity(at instant: Instant) -> Int64 {
        guard let change = quantityChange, change.at <= instant else { return quantity }
        return change.quantity
    }

    /// What it gives over time under the plan that is held at an instant.
    func term(in configuration: Configuration, at instant: Instant) -> Term {
        let held = held(at: instant)
        let version = configuration.version(of: held.plan, held.version)
        return Term(
            self,
            hasFallback: fallback(in: configuration, at: instant) != nil,
            grace: version?.grace ?? PlanVersion.standardGrace
        )
    }

    /// The plan that its trial falls to; nil where the trial simply ends.
    private func fallback(
        in configuration: Configuration,
        at instant: Instant
    ) -> PlanVersion? {
        let held = held(at: instant)
        guard let version = configuration.version(of: held.plan, held.version),
            let then = fallback(from: version), configuration.plans[then]?.kind == .plan
        else { return nil }
        return configuration.version(of: then, nil)
    }

    /// The next instant after one at which a change that waits takes its place.
    private func slotBoundary(after instant: Instant) -> Instant {
        let changes = [planChange?.at, quantityChange?.at].compactMap(\.self)
        return changes.filter { $0 > instant }.min() ?? .never
    }
}

extension Subscription.State.Access {
    fileprivate init(_ access: Term.Access?) {
        self =
            switch access {
            case .trial: .trial
            case .paid: .paid
            case .grace: .grace
            case .fallback: .fallback
            case nil: .none
            }
    }
}

extension Configuration {
    /// A plan at a version of it, or at the one that subscriptions follow.
    package func version(of plan: String, _ version: Int?) -> PlanVersion? {
        plans[plan].flatMap { $0.versions[version ?? $0.currentVersion] }
    }
}
