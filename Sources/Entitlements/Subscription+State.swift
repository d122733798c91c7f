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
        let (plan, version) = held(at: instant)
        let own = configuration.holding(plan, version)
        let (term, fallback) = term(under: own, in: configuration)
        let access = own == nil ? nil : term.access(at: instant)
        let given = access == .fallback ? fallback : own
        return State(
            plan: given?.version.plan ?? plan,
            version: given?.version.version,
            quantity: quantity(at: instant),
            access: State.Access(access)
        )
    }
}

extension Subscription {
    /// The plan change that comes, or has come: what is over by then does not change any more.
    var comingChange: PlanChange? {
        planChange.flatMap { $0.at < close ? $0 : nil }
    }

    /// The plan held at an instant, with the version that it is pinned to.
    func held(at instant: Instant) -> (plan: String, version: Int?) {
        guard let change = comingChange, change.at <= instant else { return (plan, version) }
        return (change.plan, change.version)
    }

    func quantity(at instant: Instant) -> Int64 {
        guard let change = quantityChange, change.at <= instant else { return quantity }
        return change.quantity
    }

    /// What it gives over time under a version of a plan, and what a trial of that falls to.
    ///
    /// Decisions, explanations and `effective` all read the terms that are made here.
    func term(
        under held: Configuration.HeldVersion?,
        in configuration: Configuration
    ) -> (term: Term, fallback: Configuration.HeldVersion?) {
        let then = held.flatMap { fallback(from: $0.version) }
        let next = then.flatMap { configuration.holding($0, nil) }
            .flatMap { $0.kind == .plan ? $0 : nil }
        let term = Term(
            self,
            hasFallback: next != nil,
            grace: held?.version.grace ?? PlanVersion.standardGrace
        )
        return (term, next)
    }

    /// The plan that follows its trial; nil where the trial simply ends.
    private func fallback(from version: PlanVersion) -> String? {
        guard status == .trialing, trialEnd != nil, let then = version.trialThen else { return nil }
        let ending = trialAtEnd ?? version.trialAtEnd ?? .fallback
        return ending == .fallback ? then : nil
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
    typealias HeldVersion = (version: PlanVersion, kind: Plan.Kind)

    /// A plan at a version of it, or at the one that subscriptions follow.
    func holding(_ id: String, _ number: Int?) -> HeldVersion? {
        guard let plan = plans[id],
            let version = number.map({ plan.versions[$0] }) ?? plan.current
        else { return nil }
        return (version, plan.kind)
    }

    package func version(of plan: String, _ version: Int?) -> PlanVersion? {
        holding(plan, version)?.version
    }
}
