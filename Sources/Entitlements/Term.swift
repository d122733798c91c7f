/// What one subscription gives over time, once its status and dates are read together.
///
/// Every status comes down to three instants and what holds between them, so that deciding and
/// finding the next boundary read the same few fields and cannot disagree. All spans are half-open.
///
///     begins ──── early ──── turns ──── late ──── ends ──── denial, for good
///
/// | status | early | turns | late | ends | denial |
/// |---|---|---|---|---|---|
/// | `trialing` | trial | trial end | fallback, or grace where it can be collected | close; trial end without either; grace end | trial ended / payment failed |
/// | `active`, `scheduled` | paid | period end | grace | grace end or close | payment failed / ended |
/// | `past_due` | grace | | | grace end or close | payment failed / ended |
/// | `canceled` | paid | | | ended at | ended |
/// | `unpaid` | | | | always | payment failed |
/// | `paused` | paid, under a pause without end | | | close | ended |
/// | `incomplete_expired` | | | | always | ended |
/// | `incomplete` | never begins, and tells nothing |
///
/// *Close* is the earlier of `cancelAt` and `endedAt`. What ends a subscription first names the
/// denial; where the close and another end fall on one instant, a trial stays a trial that ended,
/// and a grace is cut by the close. A pause is cut out of whatever there is.
struct Term: Hashable {
    /// What the account has by the subscription at one instant.
    enum Access: Hashable {
        case trial, paid, grace
        /// The plan that the trial falls to.
        case fallback
    }

    private(set) var begins = Instant.always
    private(set) var turns = Instant.never
    private(set) var ends = Instant.never
    private var early: Access = .paid
    private var late: Access = .grace
    private var denial: Decision.Reason = .subscriptionEnded
    /// When its own plan's access was over; nil where the data do not say.
    private var deniedSince: Instant?
    private var pausedSince: Instant?
    private var pausedFrom = Instant.never
    private var pausedUntil = Instant.never

    /// - Parameters:
    ///   - subscription: The hold to read.
    ///   - hasFallback: Whether there is a plan that the trial falls to.
    ///   - grace: How long past due still entitles, by the plan's version.
    init(_ subscription: Subscription, hasFallback: Bool, grace: Duration) {
        begins = subscription.startsAt ?? .always
        pausedSince = subscription.pause?.from
        if let pause = subscription.pause {
            pausedFrom = pause.from
            pausedUntil = pause.until ?? .never
        }
        switch subscription.status {
        case .trialing:
            begins = max(begins, subscription.trialStart ?? .always)
            readTrial(subscription, hasFallback: hasFallback, grace: grace)
        case .active:
            readPaid(subscription, grace: grace)
        case .scheduled:
            begins = subscription.startsAt ?? .never
            readPaid(subscription, grace: grace)
        case .pastDue:
            early = .grace
            let since = subscription.pastDueSince ?? subscription.periodEnd
            readGrace(until: since.map { $0 + grace } ?? .always, close: subscription.close)
        case .canceled:
            end(at: subscription.endedAt ?? .always, .subscriptionEnded)
        case .unpaid:
            end(at: .always, .paymentFailed)
            deniedSince = subscription.pastDueSince
        case .paused:
            end(at: subscription.close, .subscriptionEnded)
            pausedFrom = .always
            pausedUntil = .never
        case .incompleteExpired:
            end(at: .always, .subscriptionEnded)
            deniedSince = subscription.endedAt
        case .incomplete:
            begins = .never
        }
    }

    /// What the subscription gives at an instant; nil for nothing.
    func access(at instant: Instant) -> Access? {
        isPaused(at: instant) ? nil : unpausedAccess(at: instant)
    }

    /// Why the subscription's own plan is closed at an instant, and since when; nil while it is
    /// open or has not begun.
    func denial(at instant: Instant) -> (reason: Decision.Reason, since: Instant?)? {
        guard instant >= begins else { return nil }
        switch unpausedAccess(at: instant) {
        case nil, .fallback: return (denial, deniedSince)
        case .trial, .paid, .grace:
            return isPaused(at: instant) ? (.subscriptionPaused, pausedSince) : nil
        }
    }

    /// Why the plan that the trial fell to is closed, and since when; nil while it is open, or where
    /// there is none.
    func fallbackDenial(at instant: Instant) -> (reason: Decision.Reason, since: Instant?)? {
        guard late == .fallback, turns <= instant else { return nil }
        if ends <= instant { return (.subscriptionEnded, ends) }
        return isPaused(at: instant) ? (.subscriptionPaused, pausedSince) : nil
    }

    /// The next instant after one at which the subscription gives something else.
    func boundary(after instant: Instant) -> Instant {
        // By hand rather than over an array: this is asked for each subscription on each check.
        var next = Instant.never
        if begins > instant { next = begins }
        if turns > instant { next = min(next, turns) }
        if ends > instant { next = min(next, ends) }
        if pausedFrom > instant { next = min(next, pausedFrom) }
        if pausedUntil > instant { next = min(next, pausedUntil) }
        return next
    }

    private func unpausedAccess(at instant: Instant) -> Access? {
        guard instant >= begins, instant < ends else { return nil }
        return instant < turns ? early : late
    }

    private func isPaused(at instant: Instant) -> Bool {
        pausedFrom <= instant && instant < pausedUntil
    }

    private mutating func readTrial(
        _ subscription: Subscription,
        hasFallback: Bool,
        grace: Duration
    ) {
        early = .trial
        // A trial of which nobody says when it ends is over: nobody is entitled for ever by a word.
        guard let trialEnd = subscription.trialEnd else { return end(at: .always, .trialEnded) }
        guard trialEnd <= subscription.close else {
            return end(at: subscription.close, .subscriptionEnded)
        }
        if subscription.hasPaymentMethod {
            // Who converts sees no gap, and who does not pay gets no more than a grace.
            turns = trialEnd
            return readGrace(until: trialEnd + grace, close: subscription.close)
        }
        end(at: trialEnd, .trialEnded)
        guard hasFallback, trialEnd < subscription.close else { return }
        turns = trialEnd
        late = .fallback
        ends = subscription.close
    }

    private mutating func readPaid(
        _ subscription: Subscription,
        grace: Duration
    ) {
        early = .paid
        turns = subscription.periodEnd ?? .never
        readGrace(
            until: subscription.periodEnd.map { $0 + grace } ?? .never,
            close: subscription.close
        )
    }

    private mutating func readGrace(until graceEnd: Instant, close: Instant) {
        if close <= graceEnd {
            end(at: close, .subscriptionEnded)
        } else {
            end(at: graceEnd, .paymentFailed)
        }
    }

    private mutating func end(at instant: Instant, _ reason: Decision.Reason) {
        ends = instant
        denial = reason
        deniedSince = instant == .always ? nil : instant
    }
}

extension Subscription {
    /// When it ends by decision, whatever is paid.
    var close: Instant {
        min(cancelAt ?? .never, endedAt ?? .never)
    }
}
