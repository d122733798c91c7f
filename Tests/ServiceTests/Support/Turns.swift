import Testing

/// Lets only some tests run at once: each has databases, connections and a provider of its own, and
/// all of them at once would measure the machine.
///
/// It goes before `.database`, so that nothing is lent to a test that waits.
struct TurnTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await body() }
        await Turns.shared.take()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await Turns.shared.giveBack()
        try result.get()
    }
}

extension Trait where Self == TurnTrait {
    static var inTurn: Self { TurnTrait() }
}

/// A counting semaphore for tasks.
private actor Turns {
    static let shared = Turns()

    private var free = 6
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
