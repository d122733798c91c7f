import Synchronization

/// Asks for several answers at once, and waits for all of them.
///
/// - Parameters:
///   - count: How many answers are to come.
///   - ask: Starts the asking; each place is answered exactly once, on any thread.
/// - Returns: The answers by their place.
func gather<Answer: Sendable>(
    _ count: Int,
    _ ask: (@escaping @Sendable (_ place: Int, Answer) -> Void) -> Void
) async -> [Answer] {
    guard count > 0 else { return [] }
    let gathered = Gathered<Answer>()
    return await withCheckedContinuation { continuation in
        ask { place, answer in
            let all = gathered.put(answer, at: place)
            guard all.count == count else { return }
            continuation.resume(returning: (0..<count).compactMap { all[$0] })
        }
    }
}

/// The answers that came so far.
private final class Gathered<Answer: Sendable>: Sendable {
    private let answers = Mutex<[Int: Answer]>([:])

    /// - Returns: All that came, with this one; a copy only where it is the last.
    func put(_ answer: Answer, at place: Int) -> [Int: Answer] {
        answers.withLock { answers in
            answers[place] = answer
            return answers
        }
    }
}
