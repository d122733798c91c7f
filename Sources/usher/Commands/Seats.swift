import ArgumentParser
import Entitlements

struct SeatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seats",
        abstract: "Which users have the seats that an account pays for.",
        subcommands: [Assign.self, Release.self, Swap.self, List.self]
    )

    struct Assign: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user a seat; who has one keeps it.",
            discussion: "  usher seats assign seats ann --account acme"
        )

        @OptionGroup var seat: SeatArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .put(seat.path, body: [:]) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [seat.line("has a seat", answer)]
        }
    }

    struct Release: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a user's seat back; it is free at once.",
            discussion: "  usher seats release seats ann --account acme"
        )

        @OptionGroup var seat: SeatArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { APIRequest(method: "DELETE", path: seat.path) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [seat.line("has no seat any more", answer)]
        }
    }

    struct Swap: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give one user's seat to another, in one step.",
            discussion: "  usher seats swap seats --from ann --to bob --account acme"
        )

        @OptionGroup var seats: SeatsArgument

        @Option(help: ArgumentHelp("Who has the seat.", valueName: "user"))
        var from: String

        @Option(help: ArgumentHelp("Who gets it.", valueName: "user"))
        var to: String

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            let body: JSON = ["from": .string(from), "to": .string(to)]
            return APIRequest(method: "POST", path: seats.path + ["swap"], body: .json(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let seats = "\(seats.feature) of \(seats.account)"
            return ["\(to) has the seat in \(seats) that \(from) had".printable]
        }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Who has a seat, and how many are left.",
            discussion: "  usher seats list seats --account acme"
        )

        @OptionGroup var seats: SeatsArgument
        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            APIRequest(method: "GET", path: seats.path, query: page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let rows = PageOptions.show(answer, on: terminal, nothing: "nobody has a seat") {
                var table = Table("user", "assigned")
                for seat in $0 { table.add("\(seat.word("user"))", "\(seat.word("assigned_at"))") }
                return table
            }
            let seats = "\(seats.feature) of \(seats.account)"
            return rows + ["\(seats): \(answer.usageInWords)".printable]
        }
    }
}

/// The seats of a feature.
struct SeatsArgument: ParsableArguments {
    @Argument(help: "The feature, of the type seats.")
    var feature: String

    @Option(help: "The account.")
    var account: String

    var path: [String] { ["v1", "accounts", account, "seats", feature] }
}

/// One user's seat.
struct SeatArgument: ParsableArguments {
    @Argument(help: "The feature, of the type seats.")
    var feature: String

    @Argument(help: "The user.")
    var user: String

    @Option(help: "The account.")
    var account: String

    var path: [String] { ["v1", "accounts", account, "seats", feature, user] }

    /// What became of the seat, and how many are left.
    func line(_ done: String, _ answer: JSON) -> String {
        "\(user) \(done) in \(feature) of \(account): \(answer.usageInWords)".printable
    }
}
