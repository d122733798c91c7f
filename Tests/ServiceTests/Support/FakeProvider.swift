import Entitlements
import Foundation
import Synchronization

/// A billing provider on loopback that answers as Stripe does, or misbehaves as a test asks.
///
/// An object is named by its id (`sub_1`, `cus_1`), a customer's list by ``list(_:)``. What an
/// answer says is taken when the request arrives, as a real provider's snapshot is, and sent when
/// its gate lets it pass.
final class FakeProvider: Sendable {
    /// What a request for one object gets.
    enum Answer: Sendable {
        case object(JSON)
        case status(Int, retryAfter: Int? = nil)
        /// A 200 with these bytes.
        case text(String)
        /// The connection ends without an answer.
        case silence
    }

    fileprivate struct State {
        /// Each object's answers in order; the last one stays.
        var answers: [String: [Answer]] = [:]
        var gates: [String: [Gate]] = [:]
        var arrivals: [String: Signal] = [:]
        var inside: [String: Int] = [:]
        var mostInside = 0
    }

    private let state: StateBox
    private let server: LoopbackServer

    init() throws {
        let state = StateBox()
        self.state = state
        server = try LoopbackServer { target in state.respond(to: target) }
    }

    var base: String { "http://127.0.0.1:\(server.port)" }

    static func list(_ customer: String) -> String { "list of \(customer)" }

    /// Makes these the answers for an object, one a request; the last one stays.
    func set(_ id: String, _ answers: Answer...) {
        state.value.withLock { $0.answers[id] = answers }
    }

    /// Makes a subscription what the provider has now.
    func set(_ subscription: StripeSubscription) {
        set(subscription.id, .object(subscription.json))
    }

    /// Makes a customer and its list what the provider has now.
    func set(customer: String, holding subscriptions: [StripeSubscription]) {
        set(customer, .object(["id": .string(customer), "object": "customer", "livemode": true]))
        set(
            Self.list(customer),
            .object([
                "object": "list", "has_more": false, "data": .array(subscriptions.map(\.json)),
            ])
        )
        for subscription in subscriptions { set(subscription) }
    }

    /// Holds up the next request for an object until the gate is opened.
    func hold(_ id: String) -> Gate {
        let gate = Gate()
        state.value.withLock { $0.gates[id, default: []].append(gate) }
        return gate
    }

    /// Requests for an object that have arrived.
    func arrivals(of id: String) -> Signal {
        state.value.withLock { $0.signal(id) }
    }

    func fetches(of id: String) -> Int { arrivals(of: id).count }

    /// How many requests for one object were under way at once, at most.
    var mostAtOnce: Int { state.value.withLock { $0.mostInside } }

    func stop() { server.stop() }

    private final class StateBox: Sendable {
        let value = Mutex(State())

        func respond(to target: String) -> [UInt8]? {
            let id = Self.object(of: target)
            let (answer, gate, signal) = value.withLock { state in
                let inside = state.inside[id, default: 0] + 1
                state.inside[id] = inside
                state.mostInside = max(state.mostInside, inside)
                return (state.take(id), state.takeGate(id), state.signal(id))
            }
            signal.fire()
            gate?.pass()
            value.withLock { $0.inside[id, default: 1] -= 1 }
            return Self.bytes(of: answer)
        }

        private static func object(of target: String) -> String {
            let url = URLComponents(string: target)
            if let customer = url?.queryItems?.first(where: { $0.name == "customer" })?.value {
                return FakeProvider.list(customer)
            }
            return url?.path.split(separator: "/").last.map(String.init) ?? ""
        }

        private static func bytes(of answer: Answer) -> [UInt8]? {
            switch answer {
            case .object(let json):
                return LoopbackServer.answer(200, body: Array(json.description.utf8))
            case .status(let status, let retryAfter):
                let headers = retryAfter.map { ["Retry-After: \($0)"] } ?? []
                let error: JSON = ["error": ["message": .string("status \(status)")]]
                let body = Array(error.description.utf8)
                return LoopbackServer.answer(status, headers: headers, body: body)
            case .text(let text):
                return LoopbackServer.answer(200, body: Array(text.utf8))
            case .silence:
                return nil
            }
        }
    }
}

extension FakeProvider.State {
    fileprivate mutating func take(_ id: String) -> FakeProvider.Answer {
        guard let first = answers[id]?.first else { return .status(404) }
        if answers[id]?.count != 1 { answers[id]?.removeFirst() }
        return first
    }

    fileprivate mutating func takeGate(_ id: String) -> Gate? {
        guard gates[id]?.isEmpty == false else { return nil }
        return gates[id]?.removeFirst()
    }

    fileprivate mutating func signal(_ id: String) -> Signal {
        if let signal = arrivals[id] { return signal }
        let signal = Signal()
        arrivals[id] = signal
        return signal
    }
}
