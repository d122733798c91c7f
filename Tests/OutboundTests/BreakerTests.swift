import Outbound
import Testing

@Suite struct `A breaker` {
    /// One step of a story: at a time, ask or tell, and what must hold afterwards.
    enum Step: Sendable {
        case ask(at: Int, Breaker.Admission)
        case tell(at: Int, Breaker.Outcome, times: Int = 1, Breaker.Condition)
        case hold(until: Int)
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Step]

        init(_ name: String, _ steps: Step...) {
            testDescription = name
            self.steps = steps
        }
    }

    @Test(arguments: [
        Story(
            "four failures are endured",
            .tell(at: 0, .failure, times: 4, .closed),
            .ask(at: 0, .go)
        ),
        Story(
            "five in a row open it for 30 s",
            .tell(at: 0, .failure, times: 5, .open),
            .ask(at: 0, .wait(.seconds(30))),
            .ask(at: 29, .wait(.seconds(1)))
        ),
        Story(
            "a success in between starts the count again",
            .tell(at: 0, .failure, times: 4, .closed),
            .tell(at: 0, .success, .closed),
            .tell(at: 0, .failure, times: 4, .closed)
        ),
        Story(
            "half of the last twenty open it, and nineteen are no twenty",
            .tell(at: 0, .failure, times: 3, .closed),
            .tell(at: 0, .success, times: 3, .closed),
            .tell(at: 0, .failure, times: 3, .closed),
            .tell(at: 0, .success, times: 3, .closed),
            .tell(at: 0, .failure, times: 3, .closed),
            .tell(at: 0, .success, times: 4, .closed),
            .tell(at: 0, .failure, .open)
        ),
        Story(
            "nine of the last twenty do not",
            .tell(at: 0, .success, times: 20, .closed),
            .tell(at: 0, .failure, times: 4, .closed),
            .tell(at: 0, .success, .closed),
            .tell(at: 0, .failure, times: 4, .closed),
            .tell(at: 0, .success, .closed),
            .tell(at: 0, .failure, .closed),
            .tell(at: 0, .success, times: 10, .closed)
        ),
        Story(
            "rejected credentials open it at once",
            .tell(at: 0, .rejected, .open),
            .ask(at: 1, .wait(.seconds(29)))
        ),
        Story(
            "abandoned calls say nothing",
            .tell(at: 0, .failure, times: 4, .closed),
            .tell(at: 0, .abandoned, times: 9, .closed),
            .tell(at: 0, .failure, .open)
        ),
        Story(
            "one probe goes, and its success closes",
            .tell(at: 0, .failure, times: 5, .open),
            .ask(at: 30, .go),
            .ask(at: 30, .wait(.seconds(15))),
            .tell(at: 31, .success, .closed),
            .ask(at: 31, .go),
            .tell(at: 31, .failure, times: 4, .closed)
        ),
        Story(
            "failed probes double the wait up to five minutes",
            .tell(at: 0, .failure, times: 5, .open),
            .ask(at: 30, .go),
            .tell(at: 30, .failure, .open),
            .ask(at: 31, .wait(.seconds(59))),
            .ask(at: 90, .go),
            .tell(at: 90, .rejected, .open),
            .ask(at: 90, .wait(.seconds(120))),
            .ask(at: 210, .go),
            .tell(at: 210, .failure, .open),
            .ask(at: 210, .wait(.seconds(240))),
            .ask(at: 450, .go),
            .tell(at: 450, .failure, .open),
            .ask(at: 450, .wait(.seconds(300))),
            .ask(at: 750, .go),
            .tell(at: 750, .failure, .open),
            .ask(at: 750, .wait(.seconds(300)))
        ),
        Story(
            "after closing, the wait is short again",
            .tell(at: 0, .failure, times: 5, .open),
            .ask(at: 30, .go),
            .tell(at: 30, .failure, .open),
            .ask(at: 90, .go),
            .tell(at: 90, .success, .closed),
            .tell(at: 91, .failure, times: 5, .open),
            .ask(at: 91, .wait(.seconds(30)))
        ),
        Story(
            "an abandoned probe makes room for the next",
            .tell(at: 0, .failure, times: 5, .open),
            .ask(at: 30, .go),
            .tell(at: 31, .abandoned, .open),
            .ask(at: 31, .go)
        ),
        Story(
            "a probe never heard of again does, too",
            .tell(at: 0, .failure, times: 5, .open),
            .ask(at: 30, .go),
            .ask(at: 44, .wait(.seconds(1))),
            .ask(at: 45, .go)
        ),
        Story(
            "results that come late change nothing",
            .tell(at: 0, .failure, times: 5, .open),
            .tell(at: 1, .success, .open),
            .tell(at: 2, .failure, .open),
            .ask(at: 2, .wait(.seconds(28)))
        ),
        Story(
            "a hold lasts until its end, and the longest one counts",
            .hold(until: 100),
            .hold(until: 50),
            .ask(at: 60, .wait(.seconds(40))),
            .ask(at: 100, .go)
        ),
        Story(
            "a hold delays the probe",
            .tell(at: 0, .failure, times: 5, .open),
            .hold(until: 100),
            .ask(at: 30, .wait(.seconds(70))),
            .ask(at: 100, .go)
        ),
    ])
    func `follows its rules`(story: Story) {
        let start = Breaker.Instant.now
        var breaker = Breaker()
        for (number, step) in story.steps.enumerated() {
            switch step {
            case .ask(let at, let admission):
                #expect(breaker.admit(at: start + .seconds(at)) == admission, "step \(number)")
            case .tell(let at, let outcome, let times, let condition):
                for _ in 0..<times { breaker.record(outcome, at: start + .seconds(at)) }
                #expect(breaker.condition == condition, "step \(number)")
            case .hold(let until):
                breaker.hold(until: start + .seconds(until))
            }
        }
    }
}
