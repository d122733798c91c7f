import Entitlements
import Limits
package import Store

extension UsherService {
    /// Counts what happened, each event by itself: whatever the limit, and once.
    ///
    /// - Parameters:
    ///   - events: What was told; a refusal is passed through to its place.
    ///   - late: What becomes of events that are more than a day old.
    ///   - author: Who tells.
    /// - Returns: What became of each, by its place.
    ///   One that could not be counted is rejected, and keeps no other from counting.
    /// - Throws: When the database is not there, or it is not known of all of them whether they are
    ///   counted. To tell all of them again is right then: those that were counted are duplicates.
    package func record(
        _ events: [Result<UsageEvent, Refusal>],
        late: LatePolicy,
        as author: Author
    ) async throws(Refusal) -> [Recorded] {
        var outcomes: [Recorded?] = []
        var told: [(place: Int, event: UsageEvent)] = []
        for (place, event) in events.enumerated() {
            do throws(Refusal) {
                let event = try event.get()
                try event.checkName()
                told.append((place, event))
                outcomes.append(nil)
            } catch {
                outcomes.append(.rejected(error))
            }
        }
        let views = try await views(of: told.map(\.event))
        var counting: [(place: Int, counting: EventCounting)] = []
        for (place, event) in told {
            do throws(Refusal) {
                guard let view = views[EventAsker(event)] else {
                    throw .unknownAccount(event.account)
                }
                counting.append((place, try view.counting(event, late: late)))
            } catch {
                outcomes[place] = .rejected(error)
            }
        }
        let results = await meters.carryOut(counting.count) { place, client, complete in
            RecordOrder(
                counting: counting[place].counting,
                author: author.actor,
                client: client,
                onComplete: complete
            )
        }
        for (result, counted) in zip(results, counting) {
            outcomes[counted.place] = try Recorded(result, counted.counting.event)
        }
        return outcomes.compactMap { $0 }
    }

    /// One view for each account or session among them, read together.
    private func views(
        of events: [UsageEvent]
    ) async throws(Refusal) -> [EventAsker: BarrierView] {
        let askers = Array(Set(events.map(EventAsker.init)))
        do throws(BarrierFailure) {
            let views = try await barrier.views(of: askers.map { ($0.account, $0.session) })
            return Dictionary(uniqueKeysWithValues: zip(askers, views))
        } catch {
            throw Refusal(error)
        }
    }
}

extension UsageEvent {
    /// What makes it unique is the key of an index, in which characters are bytes.
    fileprivate func checkName() throws(Refusal) {
        let bytes = source.utf8.count + id.utf8.count
        guard bytes > Limits.eventNameBytes else { return }
        throw Refusal(
            .invalidField,
            "id and source have \(bytes) bytes together",
            field: "id",
            remedy: "send an id and a source of at most \(Limits.eventNameBytes) bytes together"
        )
    }
}

/// Whose state an event is counted by.
private struct EventAsker: Hashable {
    let account: String
    let session: String?

    init(_ event: UsageEvent) {
        account = event.account
        // One of another account would bring that one's state.
        session = event.session.flatMap {
            SessionID.account(of: $0).map(String.init) == event.account ? $0 : nil
        }
    }
}

extension BarrierView {
    /// What an event counts on, as of this barrier.
    fileprivate func counting(
        _ event: UsageEvent,
        late: LatePolicy
    ) throws(Refusal) -> EventCounting {
        let feature = try live.consumedFeature(event.feature, [.metered], naming: "type")
        guard let account else { throw .unknownAccount(event.account).of("subject") }
        if let named = event.session {
            guard let session, session.id == named else {
                throw .unknownSession(named).of("data.session")
            }
            if let user = event.user, user != session.user {
                throw Refusal(
                    .invalidField,
                    "the session is not one of user \(user)",
                    field: "data.user",
                    remedy: "leave out the user where a session is named"
                )
            }
        }
        let tally = Tally(
            feature,
            account: account,
            session: session,
            user: event.user,
            configuration: live.configuration,
            at: at,
            clock: now
        )
        return EventCounting(
            event: event,
            tally: tally,
            user: session?.user ?? event.user,
            time: try time(of: event, late: late)
        )
    }

    private func time(of event: UsageEvent, late: LatePolicy) throws(Refusal) -> Instant {
        guard let time = event.time else { return at }
        if time > at + Limits.earlyEvents {
            throw Refusal(
                .eventInFuture,
                "the event's time is more than "
                    + "\(Limits.earlyEvents.components.seconds / 60) minutes after \(at)",
                field: "time",
                remedy: "set the sender's clock right, or leave time out"
            )
        }
        guard time < at - Limits.lateEvents else { return min(time, at) }
        if late == .receive { return at }
        throw Refusal(
            .eventTooOld,
            "the event's time is more than "
                + "\(Limits.lateEvents.components.seconds / 3_600) hours before \(at)",
            field: "time",
            remedy: "send it with ?late=receive to count it at the time of its receipt"
        )
    }
}

extension Recorded {
    fileprivate init(
        _ result: Result<OrderOutcome, MeterFailure>,
        _ event: UsageEvent
    ) throws(Refusal) {
        switch result {
        case .success(.applied(let effects)):
            self = effects.event == nil ? .duplicate : .accepted
        case .success(.repeated), .success(.reused), .success(.inFlight):
            preconditionFailure("events have no keys")
        case .failure(.vanished):
            self = .rejected(.unknownAccount(event.account).of("subject"))
        case .failure(.busy):
            var refusal = Refusal.busy
            refusal.remedy = "send this event again in a moment"
            self = .rejected(refusal)
        case .failure(.broken):
            var refusal = Refusal(MeterFailure.broken)
            refusal.remedy = "look in the log of the service, then send this event again"
            self = .rejected(refusal)
        case .failure(let failure):
            var refusal = Refusal(failure)
            refusal.remedy = "send the same events again: those that were counted count once"
            throw refusal
        }
    }
}

extension Refusal {
    /// The same, of another field.
    fileprivate func of(_ field: String) -> Refusal {
        var refusal = self
        refusal.field = field
        return refusal
    }
}

extension LiveConfiguration {
    /// A feature of some types, with the refusal of another under the name that a call has for it.
    fileprivate func consumedFeature(
        _ id: String,
        _ kinds: Set<Feature.Kind>,
        naming field: String
    ) throws(Refusal) -> Feature {
        do throws(Refusal) {
            return try consumedFeature(id, kinds, field: field)
        } catch {
            throw error.of(field)
        }
    }
}
