extension Subscription {
    /// The subscription after an action, with what had passed by then put in its place.
    ///
    /// - Throws: Why it cannot be done; an action that is done already changes nothing.
    package func after(
        _ action: Action,
        _ given: Circumstances
    ) throws(ActionRefusal) -> Subscription {
        var held = settled(at: given.now)
        switch action {
        case .extendTrial(let longer): try held.extendTrial(longer, given)
        case .endTrial: try held.endTrial(given)
        case .pause(let from, let until): try held.pause(from: from, until: until, given)
        case .resume: try held.resume(given)
        case .cancel(let time): try held.cancel(time, given)
        case .uncancel: try held.uncancel(given)
        case .change(let choice, let quantity, let time):
            try held.change(choice, quantity, time, given)
        case .dropChanges:
            (held.planChange, held.quantityChange) = (nil, nil)
        }
        return held
    }

    private func checkNotOver(_ given: Circumstances) throws(ActionRefusal) {
        guard isOver(at: given.now) else { return }
        let end = status == .canceled ? endedAt : close
        throw .ended(end == .never ? nil : end)
    }

    private func instant(
        of time: EffectTime,
        _ given: Circumstances
    ) throws(ActionRefusal) -> Instant {
        switch time {
        case .now: return given.now
        case .at(let instant):
            guard instant >= given.now else { throw .inThePast(field: "at") }
            return instant
        case .periodEnd:
            if status == .trialing, let trialEnd, trialEnd > given.now { return trialEnd }
            guard let end = given.periodEnd else { throw .noPeriod }
            return end
        }
    }
}

// MARK: Trials

extension Subscription {
    private mutating func extendTrial(
        _ longer: TrialExtension,
        _ given: Circumstances
    ) throws(ActionRefusal) {
        try checkNotOver(given)
        guard status == .trialing, let trialEnd else { throw .notInTrial }
        let end =
            switch longer {
            case .to(let instant): instant
            case .by(let days): trialEnd.adding(days: days, in: given.zone)
            }
        guard end > trialEnd else { throw .notLater(trialEnd) }
        if let change = planChange, change.at > given.now, change.at < end {
            throw .changeWaits(at: change.at)
        }
        self.trialEnd = end
    }

    private mutating func endTrial(_ given: Circumstances) throws(ActionRefusal) {
        guard isInTrial(at: given.now) else { throw .notInTrial }
        trialEnd = given.now
    }
}

// MARK: Pauses

extension Subscription {
    private mutating func pause(
        from start: Instant?,
        until: Instant?,
        _ given: Circumstances
    ) throws(ActionRefusal) {
        try checkNotOver(given)
        var from = start ?? given.now
        guard from >= given.now else { throw .inThePast(field: "at") }
        if let until, until <= from { throw .endsBeforeStart }
        if let running = pause, running.from <= given.now {
            // What is paused stays so from when it was, and never opens in between.
            guard from == given.now else { throw .isPaused(since: running.from) }
            from = running.from
        }
        pause = Pause(from: from, until: until)
    }

    private mutating func resume(_ given: Circumstances) throws(ActionRefusal) {
        try checkNotOver(given)
        if status == .paused { status = .active }
        pause = nil
    }
}

// MARK: Cancelling

extension Subscription {
    private mutating func cancel(
        _ time: EffectTime,
        _ given: Circumstances
    ) throws(ActionRefusal) {
        guard !isOver(at: given.now) else { return }
        let end = try instant(of: time, given)
        // The slot of a plan change is the cancellation's as well.
        planChange = nil
        guard end > given.now else {
            status = .canceled
            (cancelAt, endedAt) = (nil, given.now)
            return
        }
        cancelAt = end
        if status == .canceled { endedAt = min(endedAt ?? end, end) }
    }

    private mutating func uncancel(_ given: Circumstances) throws(ActionRefusal) {
        try checkNotOver(given)
        if status == .canceled, let endedAt {
            status = .active
            // What ended there was paid for until there.
            periodEnd = periodEnd.map { max($0, endedAt) }
        }
        (cancelAt, endedAt) = (nil, nil)
    }
}

// MARK: Changes of plan and quantity

extension Subscription {
    private mutating func change(
        _ choice: PlanChoice?,
        _ quantity: Int64?,
        _ time: EffectTime,
        _ given: Circumstances
    ) throws(ActionRefusal) {
        try checkNotOver(given)
        let instant = try instant(of: time, given)
        if instant > given.now, let endedAt, instant >= endedAt { throw .afterEnd(endedAt) }
        if let choice { try change(choice, at: instant, given) }
        guard let quantity else { return }
        if instant > given.now {
            quantityChange = QuantityChange(quantity: quantity, at: instant)
        } else {
            self.quantity = quantity
            quantityChange = nil
        }
    }

    private mutating func change(
        _ choice: PlanChoice,
        at instant: Instant,
        _ given: Circumstances
    ) throws(ActionRefusal) {
        if choice.plan == plan, choice.version ?? version == version {
            planChange = nil
            return
        }
        try check(choice, given)
        guard instant > given.now else { return try changeNow(choice, given) }
        if hasTrialLeft(at: given.now), let trialEnd, instant < trialEnd {
            throw .insideTrial(until: trialEnd)
        }
        planChange = PlanChange(plan: choice.plan, version: choice.version, at: instant)
        cancelAt = nil
    }

    private mutating func changeNow(
        _ choice: PlanChoice,
        _ given: Circumstances
    ) throws(ActionRefusal) {
        if hasTrialLeft(at: given.now) { trialEnd = try trialEnd(changingTo: choice, given) }
        (plan, version) = (choice.plan, choice.version)
        planChange = nil
    }

    /// A trial is as long as the new plan's, from when it began: changing plans restarts nothing.
    private func trialEnd(
        changingTo choice: PlanChoice,
        _ given: Circumstances
    ) throws(ActionRefusal) -> Instant {
        let family = given.configuration.plans[choice.plan]?.family ?? choice.plan
        guard !given.usedTrials.contains(family) else { throw .trialAlreadyUsed(family: family) }
        guard let start = trialStart ?? startsAt,
            let days = given.configuration.version(of: choice.plan, choice.version)?.trialDays
        else {
            // No trial: it ends now, or where it would have begun.
            return max(trialStart ?? given.now, given.now)
        }
        return max(start.adding(days: Int64(days), in: given.zone), given.now)
    }

    private func check(_ choice: PlanChoice, _ given: Circumstances) throws(ActionRefusal) {
        guard let plan = given.configuration.plans[choice.plan] else {
            throw .unknownPlan(choice.plan)
        }
        if let version = choice.version, plan.versions[version] == nil {
            throw .unknownVersion(plan: choice.plan, version: version)
        }
        let present = given.configuration.plans[held(at: given.now).plan]
        guard present == nil || present?.kind == plan.kind else {
            throw .otherKind(plan: choice.plan, plan.kind)
        }
    }
}

extension Instant {
    /// So many days later, at the same time of day on the clocks of a zone; at most the last
    /// instant that can be written.
    package func adding(days: Int64, in zone: Zone) -> Instant {
        guard let interval = PeriodInterval(.day, count: days) else { return self }
        let later = PeriodSchedule(anchor: self, every: interval, in: zone).boundary(1)
        return min(later, max(self, .latestWritten))
    }
}
