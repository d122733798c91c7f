import Entitlements
import Limits
package import Postgres
package import Store

/// A credit, and its account's revision as of the answer.
package struct RevisedCredit: Sendable, Equatable {
    package let record: CreditRecord
    /// What is left of it; nil where a grant stands in the place of all that is counted.
    package let left: Int64?
    package let revision: Int64
}

extension UsherService {
    package func credit(_ id: String, of account: String) async throws -> RevisedCredit {
        _ = try await self.account(account)
        guard let record = try await store.credit(id, of: account) else {
            throw Refusal.unknownCredit(id, of: account)
        }
        return try await revised([record], of: account)[0]
    }

    package func credits(
        of account: String,
        _ filter: CreditFilter,
        after place: CreationPlace?,
        size: Int
    ) async throws -> Page<RevisedCredit> {
        _ = try await self.account(account)
        let page = try await store.credits(of: account, filter, after: place, size: size)
        let items = try await revised(page.items, of: account)
        return page.map { record in
            items.first { $0.record.id == record.id }
                ?? RevisedCredit(record: record, left: nil, revision: 0)
        }
    }

    /// Gives an account more of a metered feature: there at the next check, when it is neither for
    /// later nor still to be paid.
    package func create(
        credit request: CreditRequest,
        account: String,
        on connection: Connection
    ) async throws -> RevisedCredit {
        let live = try await barrier.view().live
        let feature = try live.feature(request.feature, .metered)
        let state = try await store.lockedState(of: account, live: live, on: connection)
        let content = try request.content(at: state.at)
        let count = try await store.liveCredits(
            of: account,
            feature: feature.id,
            at: state.at,
            on: connection
        )
        guard count < Limits.creditsLive else { throw Refusal.tooManyCredits(of: feature.id) }
        let record = try await store.insert(credit: content, account: account, on: connection)
        return try await revised(record, on: connection)
    }

    /// Takes away what is left of a credit; what was burnt of it stays burnt.
    ///
    /// Voiding it again, or when it is over, changes nothing.
    package func void(
        credit id: String,
        account: String,
        reason: String?,
        as author: Author
    ) async throws -> RevisedCredit {
        var author = author
        author.reason = reason
        let voided = try await store.write(as: author) { connection -> RevisedCredit? in
            guard let record = try await store.void(credit: id, of: account, on: connection) else {
                return nil
            }
            return try await revised(record, on: connection)
        }
        if let voided { return voided }
        _ = try await self.account(account)
        throw Refusal.unknownCredit(id, of: account)
    }

    /// Says that a credit was paid: it gives from its `from` on.
    ///
    /// Confirming it again changes nothing.
    package func confirm(
        credit id: String,
        account: String,
        on connection: Connection
    ) async throws -> RevisedCredit {
        guard let record = try await store.confirm(credit: id, of: account, on: connection) else {
            _ = try await self.account(account)
            throw Refusal.unknownCredit(id, of: account)
        }
        guard !record.content.isPending else { throw Refusal.tooLate(for: record) }
        return try await revised(record, on: connection)
    }

    /// A credit as the transaction leaves it.
    private func revised(
        _ record: CreditRecord,
        on connection: Connection
    ) async throws -> RevisedCredit {
        let live = try await barrier.view().live
        let state = try await store.state(of: record.account, live: live, on: connection)
        let meters = try await store.meters([record.meterKey], on: connection)
        return RevisedCredit(
            record: record,
            left: record.left(state.account, live, meters, at: state.at, clock: state.now),
            revision: state.account.revision
        )
    }

    /// Credits with what is left of them now.
    private func revised(
        _ records: [CreditRecord],
        of id: String
    ) async throws -> [RevisedCredit] {
        let keys = Array(Set(records.map(\.meterKey)))
        let view = try await barrier.view(account: id, meters: .keys(keys))
        guard let account = view.account else { throw Refusal.unknownAccount(id) }
        return records.map { record in
            RevisedCredit(
                record: record,
                left: record.left(account, view.live, view.meters, at: view.at, clock: view.now),
                revision: account.revision
            )
        }
    }
}

extension CreditRecord {
    fileprivate var meterKey: MeterKey { MeterKey(account: account, feature: content.feature) }

    fileprivate func left(
        _ account: Account,
        _ live: LiveConfiguration,
        _ meters: [MeterKey: Meter],
        at instant: Instant,
        clock: Instant
    ) -> Int64? {
        guard state == .active else { return 0 }
        guard let feature = live.configuration.features[content.feature] else { return nil }
        let tally = Tally(
            feature,
            account: account,
            configuration: live.configuration,
            at: instant,
            clock: clock
        )
        guard let line = tally.own.first(where: { $0.key == meterKey }) else { return nil }
        let meter = (meters[meterKey] ?? Meter(at: instant))
            .advanced(to: instant, under: line.terms).meter
        let slots = meter.slots(under: line.terms)
        guard case .units(let left)? = slots.first(where: { $0.slot == id })?.left else {
            return line.terms.credits.contains { $0.id == id } ? 0 : nil
        }
        return left
    }
}

extension Refusal {
    package static func unknownCredit(_ id: String, of account: String) -> Refusal {
        Refusal(
            .unknownCredit,
            "account \(account) has no credit \(id)",
            field: "credit",
            remedy: "see GET /v1/accounts/\(account)/credits"
        )
    }

    fileprivate static func tooManyCredits(of feature: String) -> Refusal {
        Refusal(
            .conflict,
            "the account has \(Limits.creditsLive) credits of \(feature) that are not over, "
                + "and no more are taken",
            field: "credit",
            remedy: "void some of them, give larger ones, or say it once in a plan or an add-on"
        )
    }

    fileprivate static func tooLate(for record: CreditRecord) -> Refusal {
        Refusal(
            .conflict,
            "the credit \(record.state == .voided ? "was voided" : "ended") before it was paid",
            field: "credit",
            remedy: "create another with POST /v1/accounts/\(record.account)/credits"
        )
    }
}
