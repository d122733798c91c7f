package import Entitlements
import Limits
import Store

/// A meter as it stands: what was counted, what is left, and of what.
package struct MeterView: Sendable {
    package let key: MeterKey
    package let feature: Feature
    package let reading: Meter.Reading
    /// The base's period, or the window that runs; nil where nothing resets.
    package let period: Period?
    /// Where units come from, in the order in which they are burnt.
    package let slots: [Meter.Slot]
    /// The account's, as of the answer.
    package let revision: Int64

    /// What a meter comes to at an instant; nil is one on which nothing was ever counted.
    package init(
        _ line: MeterLine,
        _ meter: Meter?,
        of feature: Feature,
        at instant: Instant,
        revision: Int64
    ) {
        let meter = (meter ?? Meter(at: instant)).advanced(to: instant, under: line.terms).meter
        key = line.key
        self.feature = feature
        reading = meter.reading(under: line.terms)
        slots = meter.slots(under: line.terms)
        self.revision = revision
        period = meter.period
    }
}

extension UsherService {
    /// The meters of an account, by feature, from the one after `cursor`; those of a user, where
    /// one is named, each behind that of the account.
    package func meters(
        of account: String,
        user: String?,
        feature: String?,
        after cursor: String?,
        size: Int
    ) async throws -> (items: [MeterView], next: String?) {
        try await withMeters(of: account, user: user) { live throws(Refusal) in
            guard let feature else {
                let features = live.features.filter { $0.kind.isConsumed && $0.id > cursor ?? "" }
                let page = Array(features.prefix(size))
                return (page, features.count > size ? page.last?.id : nil)
            }
            return ([try live.metered(feature)], nil)
        }
    }

    /// One meter: the account's, or where a user is named and has one, that user's own.
    package func meter(
        of feature: String,
        account: String,
        user: String?
    ) async throws -> MeterView {
        let (items, _) = try await withMeters(of: account, user: user) { live throws(Refusal) in
            ([try live.metered(feature)], nil)
        }
        guard let meter = items.last else { throw Refusal.unknownFeature(feature) }
        return meter
    }

    private func withMeters(
        of id: String,
        user: String?,
        _ choose: (LiveConfiguration) throws(Refusal) -> (features: [Feature], next: String?)
    ) async throws -> (items: [MeterView], next: String?) {
        var view = try await barrier.view(account: id)
        // Which meters there are follows from the catalog, which may change between two reads.
        for _ in 0..<Self.catalogTries {
            let (features, next) = try choose(view.live)
            let subjects = [""] + (user.map { [MeterKey.subject(user: $0)] } ?? [])
            let shown = features.flatMap { feature in
                subjects.map { MeterKey(account: id, subject: $0, feature: feature.id) }
            }
            let revision = view.live.configuration.revision
            view = try await barrier.view(account: id, meters: .keys(shown))
            guard view.live.configuration.revision == revision else { continue }
            guard let account = view.account else { throw Refusal.unknownAccount(id) }
            let asker = try await asker(user, of: account)
            return (features.flatMap { view.meters(of: $0, account, asker) }, next)
        }
        throw Refusal.busy
    }

    /// Reads of a catalog that changes all the time, before the caller is asked to come again.
    private static let catalogTries = 3

    /// A user as one of that user's sessions would be seen, for the grants that are the user's own.
    func asker(_ user: String?, of account: Account) async throws -> Session? {
        guard let user else { return nil }
        let grants = try await store.grants(
            of: account.id,
            GrantFilter(user: user, state: .inForce),
            after: nil,
            size: Limits.grantsRead
        )
        return Session(
            id: "",
            account: account.id,
            user: user,
            createdAt: account.calendar.createdAt,
            expiresAt: account.calendar.createdAt,
            grants: grants.items.map(\.grant)
        )
    }
}

extension BarrierView {
    /// The account's meter of a feature, and that of one of its users where there is one.
    fileprivate func meters(
        of feature: Feature,
        _ account: Account,
        _ asker: Session?
    ) -> [MeterView] {
        func lines(of session: Session?, on subject: String) -> [MeterLine] {
            let tally = Tally(
                feature,
                account: account,
                session: session,
                configuration: live.configuration,
                at: at,
                clock: now
            )
            return tally.own.filter { $0.key.subject == subject }
        }
        let shared = lines(of: nil, on: "")
        let own = asker.map { lines(of: $0, on: MeterKey.subject(user: $0.user)) }
        return (shared + (own ?? []))
            .map { line in
                MeterView(
                    line,
                    meters[line.key],
                    of: feature,
                    at: at,
                    revision: account.revision
                )
            }
    }
}

extension LiveConfiguration {
    /// A feature that has meters.
    func metered(_ id: String) throws(Refusal) -> Feature {
        guard let feature = configuration.features[id] else { throw .unknownFeature(id) }
        guard feature.kind.isConsumed else {
            throw Refusal(
                .invalidField,
                "feature \(id) is of type \(feature.kind.rawValue), which has no meter",
                field: "feature",
                remedy: "name a feature of type metered, rate or concurrency: GET /v1/features"
            )
        }
        return feature
    }
}
