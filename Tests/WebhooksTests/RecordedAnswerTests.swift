import Entitlements
import Foundation
import Testing

@testable import Webhooks

/// A recorded answer, the subject it answers for, and what it must come to.
struct ExpectedAnswer: Sendable, CustomTestStringConvertible {
    let payload: String
    let subject: Subject
    /// `id status` of each subscription, or the outcome's own name.
    let expected: [String]
    var status = 200
    var isComplete = false

    var testDescription: String { payload }

    static let sub = Subject(kind: .subscription, id: "sub_1Modern")
    static let localSub = Subject(kind: .subscription, id: "sub_NDoVanlTfZH9lP")
    static let customer = Subject(kind: .customer, id: "cus_Acme")
    static let localCustomer = Subject(kind: .customer, id: "cus_eG9oLO2lGB9iru")

    static let all: [ExpectedAnswer] = [
        one("subscription.active", "active"),
        one("subscription.two_items", "active"),
        one("subscription.trialing", "trialing"),
        one("subscription.past_due", "past_due"),
        one("subscription.cancel_at_period_end", "active"),
        one("subscription.canceled", "canceled"),
        one("subscription.collection_paused", "active"),
        one("subscription.collection_paused_until", "active"),
        one("subscription.customer_expanded", "active"),
        one("subscription.trial_without_payment_method", "trialing"),
        one("subscription.pending_update", "active"),
        one("subscription.item_of_none", "active"),
        // Its schedule is to be joined first; alone, a schedule is no subscription.
        .init(payload: "subscription.scheduled", subject: sub, expected: ["unusable"]),
        .init(payload: "schedule.downgrade", subject: sub, expected: ["unusable"]),
        .init(payload: "schedule.cancels", subject: sub, expected: ["unusable"]),
        .init(payload: "schedule.released", subject: sub, expected: ["unusable"]),
        .init(payload: "subscription.items_cut_short", subject: sub, expected: ["unusable"]),
        .init(payload: "subscription.items_page_2", subject: sub, expected: ["unusable"]),
        .init(payload: "not_found", subject: sub, expected: ["gone"], status: 404),
        .init(payload: "customer", subject: customer, expected: []),
        .init(payload: "customer.deleted", subject: customer, expected: ["deleted cus_Acme"]),
        .init(
            payload: "subscriptions",
            subject: customer,
            expected: ["sub_1Modern active", "sub_2Old canceled"],
            isComplete: true
        ),
        .init(payload: "subscriptions_page_1", subject: customer, expected: ["unusable"]),
        .init(
            payload: "subscriptions_page_2",
            subject: customer,
            expected: ["sub_2 active", "sub_1 canceled"],
            isComplete: true
        ),
        local("subscription.active", "active"),
        local("subscription.cancel_at_period_end", "active"),
        local("subscription.canceled", "canceled"),
        .init(
            payload: "localstripe.subscription.customer_expanded",
            subject: Subject(kind: .subscription, id: "sub_YMgWCkKMH3gYNC"),
            expected: ["sub_YMgWCkKMH3gYNC active"]
        ),
        .init(payload: "localstripe.customer", subject: localCustomer, expected: []),
        .init(
            payload: "localstripe.subscriptions",
            subject: localCustomer,
            expected: ["\(localSub.id) active"],
            isComplete: true
        ),
        .init(payload: "localstripe.not_found", subject: sub, expected: ["gone"], status: 404),
    ]

    static func one(_ payload: String, _ status: String) -> ExpectedAnswer {
        .init(payload: payload, subject: sub, expected: ["\(sub.id) \(status)"])
    }

    static func local(_ payload: String, _ status: String) -> ExpectedAnswer {
        .init(
            payload: "localstripe.\(payload)",
            subject: localSub,
            expected: ["\(localSub.id) \(status)"]
        )
    }
}

@Suite struct `A recorded answer` {
    @Test(arguments: ExpectedAnswer.all)
    func `comes to its outcome`(answer: ExpectedAnswer) throws {
        let outcome = try Fixture.stripe()
            .interpret(
                subject: answer.subject,
                status: answer.status,
                body: Fixture.payload("answer.\(answer.payload)")
            )
        #expect(words(outcome) == answer.expected)
        if case .subscriptions(_, let complete) = outcome {
            #expect(complete == answer.isComplete)
        }
    }

    @Test func `is recorded nowhere without being expected`() throws {
        let folder = Fixture.folder.appending(path: "payloads/stripe").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        let answers = files.filter { $0.hasPrefix("answer.") }.sorted()
        #expect(answers == ExpectedAnswer.all.map { "answer.\($0.payload).json" }.sorted())
    }

    private func words(_ outcome: CallbackOutcome) -> [String] {
        switch outcome {
        case .subscriptions(let list, _): list.map { "\($0.id) \($0.status.rawValue)" }
        case .customerDeleted(let id): ["deleted \(id)"]
        case .gone: ["gone"]
        case .unauthorized: ["unauthorized"]
        case .rateLimited: ["rate limited"]
        case .retry: ["retry"]
        case .unusable: ["unusable"]
        }
    }
}
