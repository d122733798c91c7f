import Entitlements

/// One step of the demo: what was asked, and what came of it.
struct DemoStep: Sendable {
    let title: String
    /// `POST /v1/check`.
    let call: String
    let status: Int
    /// The answer in one line.
    let answer: String
    let duration: Duration
    /// Where the step looks for the effect of a change.
    var effect: Effect?

    /// How soon an acknowledged change showed.
    struct Effect: Sendable {
        /// From the acknowledgement to the answer of the first check that shows the change.
        let delay: Duration
        /// Answers after the acknowledgement that did not show it yet; the promise is none.
        let staleAnswers: Int
    }
}

extension DemoStep {
    var json: JSON {
        [
            "title": .string(title), "call": .string(call), "status": .integer(Int64(status)),
            "answer": .string(answer), "milliseconds": .number(duration.milliseconds),
            "milliseconds_after_acknowledgement": effect.map { .number($0.delay.milliseconds) }
                ?? .null,
            "stale_answers": effect.map { .integer(Int64($0.staleAnswers)) } ?? .null,
        ]
    }

    func lines(number: Int, on terminal: Terminal) -> [String] {
        let pad = String(repeating: " ", count: max(1, 23 - call.count))
        let time = effect.map { "\($0.delay.inMilliseconds) after the acknowledgement" }
        return [
            "\(terminal.paint("\(number)", .bold))  \(title.printable)",
            "   \(call)\(pad)\(status)  \(answer.printable)  "
                + terminal.paint(time ?? duration.inMilliseconds, time == nil ? .dim : .green),
        ]
    }
}
