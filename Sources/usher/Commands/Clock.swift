import ArgumentParser
import Entitlements

struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "An account's test clock: look today at what it may next month.",
        discussion: """
            Only a service that was started with USHER_TEST_CLOCKS=1 sets test clocks. A test \
            clock stands still until it is set or advanced, and goes forward only.
            """,
        subcommands: [Show.self, Set.self, Advance.self, Clear.self]
    )

    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "What time it is for the account.",
            discussion: "  usher clock show --account acme"
        )

        @OptionGroup var clock: ClockArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "accounts", clock.account, "clock") }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [clock.line(answer)] }
    }

    struct Set: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a test clock stand at a time.",
            discussion: "  usher clock set 2026-12-24T18:00:00Z --account acme"
        )

        @Argument(help: .time("The time, RFC 3339."), transform: InstantArgument.init)
        var time: InstantArgument

        @OptionGroup var clock: ClockArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { clock.put(["now": time.json]) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [clock.line(answer)] }
    }

    struct Advance: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put the account's clock forward.",
            discussion: "  usher clock advance 14d --account acme"
        )

        @Argument(
            help: ArgumentHelp("By how much: 90s, 30m, 2h, 14d, 2w.", valueName: "span"),
            transform: TimeSpan.init
        )
        var by: TimeSpan

        @OptionGroup var clock: ClockArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { clock.put(["advance_seconds": .integer(by.seconds)]) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [clock.line(answer)] }
    }

    struct Clear: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the test clock away: back to real time.",
            discussion: "  usher clock clear --account acme"
        )

        @OptionGroup var clock: ClockArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { clock.put([:]) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [clock.line(answer)] }
    }
}

/// Whose clock.
struct ClockArgument: ParsableArguments {
    @Option(help: "The account.")
    var account: String

    func put(_ body: JSON) -> APIRequest {
        .put("v1", "accounts", account, "clock", body: body)
    }

    func line(_ answer: JSON) -> String {
        let clock = answer["clock"] ?? .null
        let isTest = clock["is_test"]?.bool == true
        let what = isTest ? "a test clock, which stands at" : "no test clock; it is"
        return "account \(account) has \(what) \(clock.word("now"))".printable
    }
}
