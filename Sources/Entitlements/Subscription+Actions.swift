extension Subscription {
    /// What can be done to a subscription beside replacing it: each makes another of it, and none
    /// touches what it gives before the instant at which the action takes effect.
    package enum Action: Sendable, Hashable {
        /// Moves the end of a trial to a later one, also of a trial that has ended.
        case extendTrial(TrialExtension)
        case endTrial
        /// From now where `from` is nil, until somebody resumes it where `until` is.
        case pause(from: Instant?, until: Instant?)
        case resume
        case cancel(EffectTime)
        /// Takes a cancellation back that has not come.
        case uncancel
        /// At least one of both.
        case change(PlanChoice?, quantity: Int64?, EffectTime)
        /// Drops the changes of plan and of quantity that wait.
        case dropChanges
    }

    package enum TrialExtension: Sendable, Hashable {
        case to(Instant)
        /// So many days of the account's calendar more, at the same time of day.
        case by(days: Int64)
    }

    /// When an action takes effect.
    package enum EffectTime: Sendable, Hashable {
        case now
        /// At the end of the trial, in a trial; else of the period that runs.
        case periodEnd
        case at(Instant)
    }

    package struct PlanChoice: Sendable, Hashable {
        package let plan: String
        /// Nil follows the plan, or leaves the version of the present one alone.
        package let version: Int?

        package init(plan: String, version: Int? = nil) {
            self.plan = plan
            self.version = version
        }
    }

    /// What an action depends on beside the subscription.
    package struct Circumstances: Sendable {
        /// The account's time.
        package let now: Instant
        package let configuration: Configuration
        /// Whose calendar days of a trial follow.
        package let zone: Zone
        /// The end of the period that runs; nil where nobody knows of one.
        package let periodEnd: Instant?
        /// The families of plans of which another subscription of the account had the trial.
        package let usedTrials: Set<String>

        package init(
            now: Instant,
            configuration: Configuration,
            zone: Zone = .utc,
            periodEnd: Instant? = nil,
            usedTrials: Set<String> = []
        ) {
            self.now = now
            self.configuration = configuration
            self.zone = zone
            self.periodEnd = periodEnd
            self.usedTrials = usedTrials
        }
    }

    /// Why an action was not carried out.
    package enum ActionRefusal: Error, Sendable, Hashable {
        /// It has ended; nil where nobody knows when.
        case ended(Instant?)
        case notInTrial
        /// The new end of a trial is not later than the present one.
        case notLater(Instant)
        case inThePast(field: String)
        /// The end of a pause is not after its start.
        case endsBeforeStart
        /// A pause is in force, so another cannot begin later.
        case isPaused(since: Instant)
        case noPeriod
        case unknownPlan(String)
        case unknownVersion(plan: String, version: Int)
        /// A plan would become an add-on, or the other way round.
        case otherKind(plan: String, Plan.Kind)
        /// A plan change would fall inside a trial.
        case insideTrial(until: Instant)
        /// A plan change would come when the subscription has ended.
        case afterEnd(Instant)
        /// A trial would be extended over a plan change that waits.
        case changeWaits(at: Instant)
        /// The account had the trial of the plan's family by another subscription.
        case trialAlreadyUsed(family: String)
    }
}

extension Subscription {
    /// Whether it has ended, for good, by decision rather than for want of payment.
    package func isOver(at instant: Instant) -> Bool {
        switch status {
        case .canceled: endedAt ?? .always <= instant
        case .incompleteExpired: true
        default: close <= instant
        }
    }

    /// Whether its trial runs, or is still to begin: a change is then one of the trial.
    func hasTrialLeft(at instant: Instant) -> Bool {
        status == .trialing && trialEnd.map { instant < $0 } ?? false
    }

    package func isInTrial(at instant: Instant) -> Bool {
        guard status == .trialing, !isOver(at: instant), let trialEnd else { return false }
        return trialStart ?? .always <= instant && instant < trialEnd
    }

    /// With what has passed put in its place: a change that came is the present plan or quantity,
    /// and a pause that is over is gone.
    ///
    /// No decision from then on is another by it.
    package func settled(at now: Instant) -> Subscription {
        var settled = folded(at: now)
        // Of a paused status it tells since when.
        if status != .paused, let until = pause?.until, until <= now { settled.pause = nil }
        settled.quantity = quantity(at: now)
        if let change = quantityChange, change.at <= now { settled.quantityChange = nil }
        return settled
    }

    /// With the plan that is held by then as the plan it is of.
    package func folded(at now: Instant) -> Subscription {
        guard let change = comingChange, change.at <= now else { return self }
        var folded = self
        (folded.plan, folded.version) = (change.plan, change.version)
        folded.planChange = nil
        return folded
    }
}
