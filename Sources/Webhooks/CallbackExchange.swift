import Entitlements
import Limits

/// The conversation with a provider about one subject, as a value: it says what to send, takes
/// what came back, and ends with one outcome.
///
/// Pages, and a subscription's schedule, are joined before anything is read from them, so an
/// outcome never rests on a part of the truth; a customer is first asked for itself, since a
/// deleted one has no list.
///
/// ```swift
/// var exchange = try CallbackExchange(source: source, subject: subject)
/// while true {
///     let answer = try await send(exchange.request)
///     if let outcome = exchange.receive(status: answer.status, body: answer.body) {
///         return outcome
///     }
/// }
/// ```
package struct CallbackExchange: Sendable {
    /// What to send now.
    package private(set) var request: CallbackRequest

    private let source: Source
    private let subject: Subject
    /// The call whose answer is being put together, and those after it.
    private var fetch: CallbackRequest
    private var remaining: ArraySlice<CallbackRequest>
    /// The answer as far as it is known, and what the outstanding request adds to it.
    private var answer: JSON?
    private var gap = Gap.whole
    private var pages = 0
    /// What the provider would not tell, of what the subscription can be applied without.
    package private(set) var withheld: String?

    /// Which part of the answer an outstanding request fetches.
    private enum Gap {
        case whole
        /// Further entries of the list.
        case entries
        /// Further items of one subscription: of the list's entry, or of the answer itself.
        case items(entry: Int?)
        /// The schedule of the answer's subscription.
        case schedule
    }

    package init(source: Source, subject: Subject) throws(CallbackProblem) {
        let requests = try source.callback(for: subject)
        guard let first = requests.first else {
            throw CallbackProblem(
                field: subject.kind.rawValue,
                message: "has no call at source \(source.name)",
                remedy: "add one to callback.fetch.\(subject.kind.rawValue) in its file"
            )
        }
        self.source = source
        self.subject = subject
        request = first
        fetch = first
        remaining = requests.dropFirst()
    }

    /// Takes the answer to `request` and gives the outcome, once there is one.
    ///
    /// Nil means that there is more to ask: send `request` again, which is another one now.
    package mutating func receive(status: Int, body: [UInt8]) -> CallbackOutcome? {
        let isWithheld = request.isOptional && (status == 401 || status == 403 || isGone(status))
        if !isWithheld, let outcome = source.outcome(status: status) { return outcome }
        let answer: JSON
        do {
            answer = isWithheld ? without(status) : try joined(JSON(parsing: body))
        } catch let problem as MappingProblem {
            return .unusable(reason: problem.reason)
        } catch {
            return .unusable(reason: "the answer is no JSON: \(error)")
        }
        self.answer = answer
        if let (request, gap) = open(in: answer) {
            pages += 1
            guard pages < Limits.callbackPages else {
                return .unusable(reason: "there are more than \(Limits.callbackPages) pages")
            }
            self.request = request
            self.gap = gap
            return nil
        }
        let outcome = source.interpret(subject: subject, answer: answer)
        guard case .subscriptions = outcome, let next = remaining.popFirst() else {
            return outcome
        }
        request = next
        fetch = next
        self.answer = nil
        gap = .whole
        return nil
    }

    private func isGone(_ status: Int) -> Bool {
        source.definition.callback.gone.contains(status)
    }

    /// The answer as if it named no schedule.
    private mutating func without(_ status: Int) -> JSON {
        withheld = "the subscription's schedule (\(status))"
        guard let answer, let place = source.definition.map.schedule?.at else { return .null }
        return answer.replacing(JSON.tokens(place)[...], with: .null)
    }

    /// The next gap of an answer, and the call that fills it; nil when it is whole, or when the
    /// provider does not say where to go on, which interpretation then refuses.
    private func open(in answer: JSON) -> (CallbackRequest, Gap)? {
        switch fetch.purpose {
        case .customer, .items, .schedule: return nil
        case .subscription:
            return source.next(after: answer, of: fetch)
                .map { ($0, $0.purpose == .schedule ? .schedule : .items(entry: nil)) }
        case .subscriptions:
            if let page = source.next(after: answer, of: fetch) { return (page, .entries) }
            for (index, entry) in entries(of: answer).enumerated() {
                guard let items = source.moreItems(of: entry, headers: fetch.sealedHeaders) else {
                    continue
                }
                return (items, .items(entry: index))
            }
            return nil
        }
    }

    /// The answer with what a page adds to it.
    private func joined(_ page: JSON) throws(MappingProblem) -> JSON {
        guard let answer else { return page }
        if case .schedule = gap { return try answer.joined(schedule: page, by: source) }
        guard let paging = source.definition.callback.paging else { return page }
        let list: String
        let flag: String?
        switch gap {
        case .whole, .schedule: return page
        case .entries: (list, flag) = (paging.list, paging.more)
        case .items(let index):
            let items = source.definition.map.items
            let way = index.map { "\(paging.list)/\($0)" } ?? ""
            (list, flag) = (way + (items.list ?? ""), items.more.map { way + $0 })
        }
        // A page that is no page must not pass for the last one.
        guard let entries = page.at(pointer: paging.list)?.array,
            let more = paging.more.flatMap({ page.at(pointer: $0)?.bool })
        else { throw MappingProblem("a further page is not a list that says whether it goes on") }
        return answer.joined(entries, at: list, more: .bool(more), at: flag)
    }

    private func entries(of answer: JSON) -> [JSON] {
        guard let list = source.definition.callback.paging?.list else { return [] }
        return answer.at(pointer: list)?.array ?? []
    }
}

extension JSON {
    /// The value with entries added to the list at a pointer, and the flag at another one set.
    fileprivate func joined(
        _ entries: [JSON],
        at list: String,
        more: JSON,
        at flag: String?
    ) -> JSON {
        let known = at(pointer: list)?.array ?? []
        let whole = replacing(Self.tokens(list)[...], with: .array(known + entries))
        return flag.map { whole.replacing(Self.tokens($0)[...], with: more) } ?? whole
    }

    /// The value with its schedule in the place of the schedule's id.
    fileprivate func joined(schedule: JSON, by source: Source) throws(MappingProblem) -> JSON {
        guard schedule.object != nil, let place = source.definition.map.schedule?.at else {
            throw MappingProblem("the answer about its schedule is no object")
        }
        return replacing(Self.tokens(place)[...], with: schedule)
    }

    /// The value with another one in a place that exists; unchanged when it does not exist.
    fileprivate func replacing(_ way: ArraySlice<String>, with value: JSON) -> JSON {
        guard let step = way.first else { return value }
        switch self {
        case .object(var members):
            members[step] = members[step]?.replacing(way.dropFirst(), with: value)
            return .object(members)
        case .array(var values):
            guard let index = Int(step), values.indices.contains(index) else { return self }
            values[index] = values[index].replacing(way.dropFirst(), with: value)
            return .array(values)
        default:
            return self
        }
    }

    fileprivate static func tokens(_ pointer: String) -> [String] {
        pointer.split(separator: "/")
            .map {
                String($0).replacing("~1", with: "/").replacing("~0", with: "~")
            }
    }
}
