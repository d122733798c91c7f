import Entitlements
import Limits

/// Sends events to be counted, batch by batch, and keeps what came of them.
///
/// The service knows an event that it has counted by its source and id. So a sending that broke
/// off is taken up by starting again from the beginning.
struct EventSending {
    /// Why an event was not taken.
    struct Rejection: Equatable {
        let line: Int
        /// `code`, `detail` and the like, as the service tells it.
        let problem: JSON

        /// What happened, where, and what to do about it.
        var message: String {
            APIProblem(problem)?.failure().message ?? problem.word("code").printable
        }

        var json: JSON {
            var members = problem.object ?? [:]
            members["index"] = nil
            members["line"] = .integer(Int64(line))
            return .object(members)
        }
    }

    /// Largest event: alone in its array it fits into a call.
    static let mostBytes = Limits.bodyBytes - 2

    typealias Send = (APIRequest) async throws(CommandFailure) -> APIAnswer

    /// Whether events that are too late for their own period count when they arrive.
    let isLateCounted: Bool

    private(set) var accepted: Int64 = 0
    private(set) var duplicates: Int64 = 0
    private(set) var rejected: Int64 = 0
    /// The first `Limits.rejectionsTold` of them.
    private(set) var rejections: [Rejection] = []

    private var batch: [(line: Int, event: JSON)] = []
    /// Of the batch as an array: its first bracket, and each event with a comma or the last one.
    private var batchBytes = 1

    init(isLateCounted: Bool) {
        self.isLateCounted = isLateCounted
    }

    var total: Int64 { accepted + duplicates + rejected }

    /// Takes the next event, and sends the batch that it fills up, or no longer fits into.
    ///
    /// - Parameters:
    ///   - piece: The event, which is rejected where it is none.
    ///   - send: Makes a call.
    ///   - pause: Waits.
    /// - Throws: Why the service did not take a batch, and how to go on.
    mutating func add(
        _ piece: EventSplitter.Piece,
        send: Send,
        pause: (Duration) async throws -> Void
    ) async throws {
        guard let event = event(in: piece) else { return }
        let bytes = event.description.utf8.count
        guard bytes <= Self.mostBytes else { return reject(tooLong: piece) }
        if batchBytes + bytes + 1 > Limits.bodyBytes { try await flush(send: send, pause: pause) }
        batch.append((piece.line, event))
        batchBytes += bytes + 1
        if batch.count == Limits.eventsSent { try await flush(send: send, pause: pause) }
    }

    /// Sends what waits.
    ///
    /// - Throws: Why the service did not take it, and how to go on.
    mutating func flush(send: Send, pause: (Duration) async throws -> Void) async throws {
        guard let first = batch.first else { return }
        let answer: APIAnswer
        do {
            answer = try await self.answer(send: send, pause: pause)
        } catch let failure as CommandFailure {
            throw interrupted(by: failure, line: first.line)
        }
        count(answer.json)
        batch = []
        batchBytes = 1
    }
}

extension EventSending {
    /// `2500 events: 2480 accepted, 15 duplicates, 5 rejected`.
    var summary: String {
        let events = total == 1 ? "1 event" : "\(total) events"
        let twice = duplicates == 1 ? "1 duplicate" : "\(duplicates) duplicates"
        return "\(events): \(accepted) accepted, \(twice), \(rejected) rejected"
    }

    /// What came of it, for programs.
    var json: JSON {
        [
            "accepted": .integer(accepted), "duplicates": .integer(duplicates),
            "rejected": .integer(rejected),
            "items": .array(rejections.map(\.json)),
        ]
    }

    /// That events were rejected, and which; nil where none was.
    var failure: CommandFailure? {
        guard rejected > 0 else { return nil }
        var details = rejections.map { "line \($0.line): \($0.message)" }
        let more = rejected - Int64(rejections.count)
        if more > 0 { details.append("and \(more) more") }
        let verb = rejected == 1 ? "was" : "were"
        return CommandFailure(
            "\(rejected) of \(total) events \(verb) rejected.",
            details: details
        )
    }
}

extension EventSending {
    private var request: APIRequest {
        var request = APIRequest.post("v1", "usage", body: .array(batch.map(\.event)))
        if isLateCounted { request.query = [("late", "receive")] }
        return request
    }

    /// The service's answer to the batch, which is asked again where it is too busy.
    private func answer(
        send: Send,
        pause: (Duration) async throws -> Void
    ) async throws -> APIAnswer {
        var wait = Limits.eventRetry.first
        for tries in 1... {
            let answer = try await send(request)
            guard !answer.isSuccess else { return answer }
            guard [429, 503].contains(answer.status), tries < Limits.eventTries else {
                throw APIProblem(answer.json)?.failure(retryAfter: answer.retryAfter)
                    ?? CommandFailure("The service answered \(answer.status) without a reason.")
            }
            try await pause(answer.retryAfter ?? wait)
            wait = min(wait * 2, Limits.eventRetry.most)
        }
        preconditionFailure("the tries are counted")
    }

    private mutating func count(_ answer: JSON) {
        accepted += answer["accepted"]?.integer ?? 0
        duplicates += answer["duplicates"]?.integer ?? 0
        rejected += answer["rejected"]?.integer ?? 0
        for item in answer["items"]?.array ?? [] where item["status"] == "rejected" {
            guard let index = item["index"]?.integer.flatMap(Int.init(exactly:)),
                batch.indices.contains(index)
            else { continue }
            keep(Rejection(line: batch[index].line, problem: item))
        }
    }

    /// The event that some bytes are; nil, and rejected, where they are none.
    private mutating func event(in piece: EventSplitter.Piece) -> JSON? {
        guard let bytes = piece.bytes else {
            reject(tooLong: piece)
            return nil
        }
        do {
            let event = try JSON(parsing: bytes)
            if event.object != nil { return event }
            reject(piece, "it is no JSON object")
        } catch {
            reject(piece, "it is no JSON: \(error)")
        }
        return nil
    }

    private mutating func reject(tooLong piece: EventSplitter.Piece) {
        reject(piece, "it is longer than \(Self.mostBytes) bytes")
    }

    private mutating func reject(_ piece: EventSplitter.Piece, _ detail: String) {
        rejected += 1
        let problem: JSON = [
            "status": "rejected", "code": "invalid_event", "detail": .string(detail),
            "remedy": "write one event a line, or an array of events",
        ]
        keep(Rejection(line: piece.line, problem: problem))
    }

    private mutating func keep(_ rejection: Rejection) {
        guard rejections.count < Limits.rejectionsTold else { return }
        rejections.append(rejection)
    }

    private func interrupted(by failure: CommandFailure, line: Int) -> CommandFailure {
        let rest =
            "Stopped at line \(line); before it \(summary). "
            + "The same command goes on, and counts nothing twice."
        return CommandFailure(failure.message, details: failure.details + [rest])
    }
}
