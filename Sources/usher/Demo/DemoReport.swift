import Entitlements

/// The demo's steps and what they add up to.
struct DemoReport: Sendable {
    let cast: DemoCast
    private(set) var steps: [DemoStep] = []
    private(set) var session = ""
    /// Where steps are told as they happen; nil when they are only collected.
    private let terminal: Terminal?

    init(cast: DemoCast, terminal: Terminal?) {
        self.cast = cast
        self.terminal = terminal
    }

    mutating func add(_ step: DemoStep) {
        steps.append(step)
        guard let terminal else { return }
        for line in step.lines(number: steps.count, on: terminal) { terminal.print(line) }
    }

    mutating func signedIn(_ session: String) {
        self.session = session
    }

    private var effects: [DemoStep.Effect] { steps.compactMap(\.effect) }
    /// Answers from before a change that was acknowledged already; the promise is none.
    var staleAnswers: Int { effects.map(\.staleAnswers).reduce(0, +) }

    var json: JSON {
        [
            "account": .string(cast.account), "session": .string(session),
            "feature": .string(cast.feature), "plan": .string(cast.plan),
            "price": .string(cast.price), "steps": .array(steps.map(\.json)),
            "milliseconds_to_effect": .array(
                effects.map { .number($0.delay.milliseconds) }
            ),
            "stale_answers": .integer(Int64(staleAnswers)),
        ]
    }

    func closingLines(on terminal: Terminal) -> [String] {
        let delays = effects.map(\.delay.inMilliseconds).joined(separator: " and ")
        let promise =
            staleAnswers == 0
            ? terminal.paint("Each change was in force at the very next check", .green)
            : terminal.paint("\(staleAnswers) checks answered from before a change", .red)
        return [
            "",
            "\(promise): \(delays) after its acknowledgement. The forgery changed nothing.",
            terminal.paint("Look closer:", .dim),
            "  usher explain \(cast.feature) --session \(session)".printable,
            "  usher audit changes --account \(cast.account)",
        ]
    }
}
