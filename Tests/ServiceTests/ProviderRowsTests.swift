import Entitlements
import Store
import Testing
import Webhooks

@testable import Service

/// What a provider's subscription becomes here: one row an item, with what waits for its day.
@Suite struct `A provider's subscription` {
    private static let now = Instant(microseconds: 1_000_000)
    private static let soon = now + .seconds(60)
    private static let late = now + .seconds(600)
    private static let before = now - .seconds(60)
    private static let plans = ["price_pro": "pro", "price_free": "free", "price_pack": "pack"]

    private typealias Item = ProviderSubscription.Item

    private static func provided(
        _ status: Subscription.Status = .active,
        _ items: [(String, Int64)] = [("price_pro", 2)],
        _ change: (inout ProviderSubscription) -> Void = { _ in }
    ) -> ProviderSubscription {
        var provided = ProviderSubscription(
            id: "sub_1",
            customer: "cus_1",
            livemode: true,
            status: status,
            items: items.enumerated()
                .map { index, item in
                    Item(id: "si_\(index)", prices: [item.0], quantity: item.1)
                }
        )
        change(&provided)
        return provided
    }

    private static func rows(
        _ provided: ProviderSubscription,
        pausedSince: Instant? = nil,
        owedSince: Instant? = nil
    ) -> [Subscription] {
        provided.subscriptions(
            plans: plans,
            standing: ProviderStanding(
                now: now,
                pastDueSince: owedSince,
                pausedSince: pausedSince
            )
        )
    }

    @Test func `is a row an item, and none for an item of which there are none`() {
        let rows = Self.rows(
            Self.provided(.active, [("price_pro", 0), ("price_pack", 3), ("price_odd", 1)])
        )
        #expect(rows.map(\.id) == ["sub_1:si_1"])
        #expect(rows.first?.plan == "pack" && rows.first?.quantity == 3)
    }

    @Test func `brings its trial, what follows it, and whether it can be paid`() {
        let row =
            Self.rows(
                Self.provided(.trialing) {
                    $0.trialStart = Self.before
                    $0.trialEnd = Self.soon
                    $0.trialAtEnd = .pause
                    $0.hasPaymentMethod = true
                    $0.pastDueSince = Self.before
                }
            )
            .first
        #expect(row?.trialStart == Self.before && row?.trialEnd == Self.soon)
        #expect(row?.trialAtEnd == .pause && row?.hasPaymentMethod == true)
        #expect(row?.pastDueSince == nil)
        let overdue = Self.provided(.pastDue) { $0.pastDueSince = Self.before }
        #expect(Self.rows(overdue).first?.pastDueSince == Self.before)
    }

    @Test(arguments: [Subscription.Status.pastDue, .unpaid])
    func `is owed as one, since it was first seen so`(status: Subscription.Status) {
        let items: [(String, Int64)] = [("price_pack", 1), ("price_pro", 1)]
        let known = Self.rows(Self.provided(status, items), owedSince: Self.before)
        #expect(known.map(\.pastDueSince) == [Self.before, Self.before])
        let first = Self.rows(Self.provided(status, items)).map(\.pastDueSince)
        #expect(first == (status == .pastDue ? [Self.now, Self.now] : [nil, nil]))
        let paid = Self.rows(Self.provided(.active, items), owedSince: Self.before)
        #expect(paid.allSatisfy { $0.pastDueSince == nil })
        let lapsed = Self.rows(Self.provided(.pastDue, items) { $0.periodEnd = Self.before })
        #expect(lapsed.map(\.pastDueSince) == [Self.before, Self.before])
        let paused = Self.rows(Self.provided(.paused, items), owedSince: Self.before)
        #expect(paused.map(\.pastDueSince) == [Self.before, Self.before])
    }

    @Test func `is paused since it was first seen so, until it says`() {
        let paused = Self.provided { $0.pause = .init(until: Self.late) }
        #expect(Self.rows(paused).first?.pause == .init(from: Self.now, until: Self.late))
        let known = Self.rows(paused, pausedSince: Self.before).first
        #expect(known?.pause == .init(from: Self.before, until: Self.late))
        let told = Self.provided { $0.pause = .init(from: Self.soon) }
        #expect(Self.rows(told, pausedSince: Self.before).first?.pause == .init(from: Self.soon))
        let over = Self.provided { $0.pause = .init(until: Self.before) }
        #expect(Self.rows(over).first?.pause == nil)
        #expect(Self.rows(Self.provided(), pausedSince: Self.before).first?.pause == nil)
    }

    @Test func `has its next change wait, of plan and of quantity`() {
        let provided = Self.provided(.active, [("price_pro", 2), ("price_pack", 1)]) {
            $0.upcoming = .init(
                at: Self.soon,
                items: [
                    Item(id: "si_0", prices: ["price_free"], quantity: 1),
                    Item(id: "si_1", prices: ["price_pack"], quantity: 5),
                ]
            )
        }
        let rows = Self.rows(provided)
        #expect(rows.first?.planChange == .init(plan: "free", at: Self.soon))
        #expect(rows.first?.quantityChange == .init(quantity: 1, at: Self.soon))
        #expect(rows.last?.planChange == nil)
        #expect(rows.last?.quantityChange == .init(quantity: 5, at: Self.soon))
        #expect(provided.allPrices.contains("price_free"))
    }

    @Test func `ends with what will not be there any more, and waits for what will`() {
        let provided = Self.provided(.active, [("price_pro", 1), ("price_pack", 1)]) {
            $0.cancelAt = Self.late
            $0.upcoming = .init(
                at: Self.soon,
                items: [Item(id: "si_0", prices: ["price_pro"], quantity: 1)],
                added: [Item(id: "price_free", prices: ["price_free"], quantity: 4)]
            )
        }
        let rows = Self.rows(provided)
        #expect(rows.map(\.cancelAt) == [Self.late, Self.soon, Self.late])
        let coming = rows.last
        #expect(coming?.id == "sub_1:price_free" && coming?.status == .scheduled)
        #expect(coming?.startsAt == Self.soon && coming?.quantity == 4)
    }

    @Test func `changes nothing ahead for a price that no plan has`() {
        let provided = Self.provided {
            $0.upcoming = .init(
                at: Self.soon,
                items: [Item(id: "si_0", prices: ["price_odd"], quantity: 2)],
                added: [Item(id: "price_odd", prices: ["price_odd"], quantity: 1)]
            )
        }
        let rows = Self.rows(provided)
        #expect(rows.count == 1)
        #expect(rows.first?.planChange == nil && rows.first?.cancelAt == nil)
    }
}
