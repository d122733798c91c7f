import Crypto
package import Entitlements
import Store

/// The key of a call that its sender may send again, apart from those of other calls.
package struct RepeatKey: Sendable, Equatable {
    let text: String
    let fingerprint: [UInt8]

    /// - Parameters:
    ///   - key: As the caller sent it; nil where it sent none.
    ///   - operation: What is asked; keys of consuming have no such word before them.
    ///   - request: All that is asked; the same key for anything else is refused.
    package init?(_ key: String?, operation: String, request: JSON) {
        guard let key else { return nil }
        text = "\(operation) \(key)"
        fingerprint = Array(SHA256.hash(data: Array(request.description.utf8)).prefix(16))
    }

    func claim(_ account: String) -> ConsumeClaim {
        ConsumeClaim(account: account, key: text, fingerprint: fingerprint)
    }
}

/// How a call on meters is answered.
package enum MeterAnswer<Value: Sendable>: Sendable {
    case first(Value)
    /// As it was answered when it came first under its key.
    case repeated(body: String)
}

/// What one call comes to: the effects that are committed, and what the caller is told.
struct Act<Value: Sendable> {
    var effects = MeterEffects()
    let value: Value
    /// What a repetition is answered; nil where nothing was done, and the key is free again.
    var kept: String?
}

extension UsherService {
    /// Hands one order to the writer of meters, and waits until it is carried out.
    ///
    /// The keys are of every meter that is read or written. `act` may be called again, on meters
    /// that somebody else wrote meanwhile; where it throws, nothing is written.
    func carryOut<Value: Sendable>(
        keys: [MeterKey],
        needs: MeterNeeds,
        _ act: @escaping @Sendable (MeterKnown) throws(Refusal) -> Act<Value>
    ) async throws(Refusal) -> MeterAnswer<Value> {
        let outcome = await withCheckedContinuation { continuation in
            meters.submit([
                LoneOrder(keys: keys, needs: needs, act: act) { continuation.resume(returning: $0) }
            ])
        }
        switch outcome {
        case .success(.applied(let effects)):
            guard let told = effects.tag as? Told<Value> else {
                throw Refusal(MeterFailure.broken)
            }
            return .first(try told.result.get())
        case .success(.repeated(let answer)): return .repeated(body: answer)
        case .success(.reused): throw Refusal(IdempotencyRefusal.reused)
        case .success(.inFlight): throw Refusal(IdempotencyRefusal.inFlight)
        case .failure(let failure): throw Refusal(failure)
        }
    }
}

/// What a caller is told, on its way through the writer.
private final class Told<Value: Sendable>: Sendable {
    let result: Result<Value, Refusal>

    init(_ result: Result<Value, Refusal>) {
        self.result = result
    }
}

/// An order whose caller waits for it alone.
private struct LoneOrder<Value: Sendable>: MeterOrder {
    let keys: [MeterKey]
    let needs: MeterNeeds
    let act: @Sendable (MeterKnown) throws(Refusal) -> Act<Value>
    let onComplete: @Sendable (Result<OrderOutcome, MeterFailure>) -> Void
    var client: any BarrierClient { LoneCaller.shared }

    func apply(to known: MeterKnown) -> MeterEffects {
        do throws(Refusal) {
            let done = try act(known)
            var effects = done.effects
            effects.tag = Told<Value>(.success(done.value))
            if let claim = needs.claim, let kept = done.kept {
                effects.consumption = Consumption(
                    fingerprint: claim.fingerprint,
                    answer: kept,
                    takes: nil
                )
            }
            return effects
        } catch {
            var effects = MeterEffects()
            effects.tag = Told<Value>(.failure(error))
            return effects
        }
    }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        onComplete(outcome)
    }
}
