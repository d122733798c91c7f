import Entitlements
import Limits
package import Store

/// A request to give units back.
package struct RefundRequest: Sendable {
    package let asker: ConsumeRequest.Asker
    package let feature: String
    package let quantity: Int64
    package let reason: String
    /// The key of the consumption that they were taken by; nil for the reverse of the burn order.
    package let consumption: String?
    package let key: RepeatKey?

    package init(
        asker: ConsumeRequest.Asker,
        feature: String,
        quantity: Int64,
        reason: String,
        consumption: String?,
        key: RepeatKey?
    ) {
        self.asker = asker
        self.feature = feature
        self.quantity = quantity
        self.reason = reason
        self.consumption = consumption
        self.key = key
    }
}

/// A request to correct how much is counted.
package struct AdjustRequest: Sendable {
    package enum Change: Sendable, Equatable {
        case used(Int64)
        case add(Int64)
    }

    package let account: String
    /// Whose own count is meant; nil for the account's.
    package let user: String?
    package let feature: String
    package let change: Change
    package let reason: String
    package let key: RepeatKey?

    package init(
        account: String,
        user: String?,
        feature: String,
        change: Change,
        reason: String,
        key: RepeatKey?
    ) {
        self.account = account
        self.user = user
        self.feature = feature
        self.change = change
        self.reason = reason
        self.key = key
    }
}

extension UsherService {
    /// Gives units back: to the very balances that a consumption took them from, or in the
    /// reverse of the burn order.
    ///
    /// - Throws: `below_zero` where less was used, or taken by that consumption and not given back
    ///   yet; nothing is given back then. `unknown_consumption`.
    package func refund(
        _ request: RefundRequest,
        as author: Author,
        render: @escaping @Sendable (MeterView) -> String
    ) async throws -> MeterAnswer<MeterView> {
        guard let account = request.asker.account else {
            throw Refusal.unknownSession(request.asker.session ?? "")
        }
        let source = try await source(of: request, account)
        let view = try await barrier.view(
            session: source?.session ?? request.asker.session,
            account: account
        )
        let standIn = try await asker(source?.userInPlace, of: view.account)
        let correction = try view.correction(
            request.feature,
            // A rate fills up by itself.
            [.metered],
            account: account,
            user: request.asker.user ?? source?.user,
            session: source == nil ? request.asker.session : nil,
            standIn: standIn,
            author: author,
            reason: request.reason
        )
        guard let found = view.account else { throw Refusal.unknownAccount(account) }
        let lines =
            try source.map { source throws(Refusal) in
                let session = view.session ?? standIn
                let tallies = view.tallies(of: source.places, found, session, correction.user)
                return try source.lines(tallies)
            } ?? correction.tally.lines
        let needs = MeterNeeds(
            claim: request.key?.claim(account),
            consumption: source?.id
        )
        return try await carryOut(keys: lines.map(\.key), needs: needs) { known throws(Refusal) in
            var act = try correction.refund(request.quantity, lines, source, in: known)
            act.kept = render(act.value)
            return act
        }
    }

    /// Makes the count of one meter a number, whatever its limit.
    ///
    /// - Throws: `below_zero` where less than nothing would be used.
    package func adjust(
        _ request: AdjustRequest,
        as author: Author,
        render: @escaping @Sendable (MeterView) -> String
    ) async throws -> MeterAnswer<MeterView> {
        let view = try await barrier.view(account: request.account)
        let correction = try view.correction(
            request.feature,
            [.metered, .rate],
            account: request.account,
            user: request.user,
            session: nil,
            standIn: try await asker(request.user, of: view.account),
            author: author,
            reason: request.reason
        )
        let subject = request.user.map(MeterKey.subject(user:)) ?? ""
        guard let line = correction.tally.own.first(where: { $0.key.subject == subject }) else {
            throw Refusal(
                .invalidField,
                "\(request.feature) has no limit by user, so none has a count of its own",
                field: "user",
                remedy: "leave user out to adjust the account's count"
            )
        }
        let needs = MeterNeeds(claim: request.key?.claim(request.account))
        return try await carryOut(keys: [line.key], needs: needs) { known throws(Refusal) in
            var act = try correction.adjust(request.change, line, in: known)
            act.kept = render(act.value)
            return act
        }
    }

    /// A user as seen by a session, since only sessions have the grants of users.
    private func asker(_ user: String?, of account: Account?) async throws -> Session? {
        guard let account else { return nil }
        return try await asker(user, of: account)
    }

    private func source(
        of request: RefundRequest,
        _ account: String
    ) async throws -> RefundSource? {
        guard let key = request.consumption else { return nil }
        let id = ConsumeClaim.ID(account: account, key: key)
        guard let takes = try await store.consumption(id)?.takes,
            let source = RefundSource(id, takes, of: request.feature)
        else {
            throw Refusal(
                .unknownConsumption,
                "nothing of \(request.feature) was consumed under the key \(key), or it is too "
                    + "long ago: keys are kept for two days",
                field: "consumption",
                remedy: "leave consumption out to give back in the reverse of the burn order"
            )
        }
        return source
    }
}

extension BarrierView {
    fileprivate func correction(
        _ id: String,
        _ kinds: Set<Feature.Kind>,
        account name: String,
        user: String?,
        session named: String?,
        standIn: Session?,
        author: Author,
        reason: String
    ) throws(Refusal) -> Correction {
        let feature = try live.consumedFeature(id, kinds)
        if let named, session == nil { throw .unknownSession(named) }
        guard let account else { throw .unknownAccount(name) }
        let tally = Tally(
            feature,
            account: account,
            session: session ?? standIn,
            user: user,
            configuration: live.configuration,
            at: at,
            clock: now
        )
        return Correction(
            tally: tally,
            user: user ?? session?.user,
            revision: account.revision,
            author: author.actor,
            reason: reason
        )
    }
}

extension ConsumeRequest.Asker {
    fileprivate var user: String? {
        guard case .account(_, let user) = self else { return nil }
        return user
    }
}
