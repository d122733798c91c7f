import Entitlements
import Testing

@testable import Webhooks

/// What suites about Stripe's answers share: a body becomes an outcome, a subscription or a reason.
protocol StripeAnswers {}

extension StripeAnswers {
    static var subject: Subject { Subject(kind: .subscription, id: "sub_1Modern") }

    func outcome(
        _ answer: JSON,
        of subject: Subject = Self.subject,
        source: Source? = nil
    ) throws -> CallbackOutcome {
        try (source ?? Fixture.stripe())
            .interpret(subject: subject, status: 200, body: answer.bytes)
    }

    func mapped(
        _ answer: JSON,
        of subject: Subject = Self.subject,
        source: Source? = nil
    ) throws -> ProviderSubscription {
        let outcome = try outcome(answer, of: subject, source: source)
        guard case .subscriptions(let subscriptions, complete: false) = outcome else {
            Issue.record("not one subscription: \(outcome)")
            throw MappingProblem("\(outcome)")
        }
        return try #require(subscriptions.first)
    }

    func reason(_ answer: JSON, of subject: Subject = Self.subject) throws -> String? {
        guard case .unusable(let reason) = try outcome(answer, of: subject) else { return nil }
        return reason
    }
}
