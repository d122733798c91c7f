import ArgumentParser
import Entitlements

struct ReservationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reservations",
        abstract: "Units that are held while a job runs whose cost is not known yet.",
        subcommands: [Create.self, Show.self, Settle.self, Release.self]
    )

    struct Create: LimitedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hold units, if there are enough: nobody else can consume them.",
            discussion: """
                Held until it is settled or released, or until its time is over. Exits as consume \
                does.

                  usher reservations create ai_credits --account acme --quantity 200 --ttl 30m
                """
        )

        @Argument(help: "The feature, of the type metered.")
        var feature: String

        @OptionGroup var consumer: ConsumerOptions

        @Option(help: "How many units.")
        var quantity: Int64 = 1

        @Option(
            help: ArgumentHelp("How long they are held: 90s, 2h. Default: 10m.", valueName: "span"),
            transform: TimeSpan.init
        )
        var ttl: TimeSpan?

        @OptionGroup var key: KeyOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body = consumer.members
            body["feature"] = .string(feature)
            body["quantity"] = .integer(quantity)
            body.set("ttl_seconds", ttl?.seconds)
            var request = APIRequest.post("v1", "reservations", body: .object(body))
            request.headers = key.headers
            return request
        }

        var asked: String { "\(quantity) of \(feature) for \(consumer.words)" }

        func line(_ answer: JSON) -> String {
            let until = answer.word("expires_at")
            let what = "reservation \(answer.word("reservation")) holds \(asked) until \(until)"
            return (what + MeterWords(answer).ending).printable
        }
    }

    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a reservation.",
            discussion: "  usher reservations show rsv_…"
        )

        @OptionGroup var reservation: ReservationArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { APIRequest(method: "GET", path: reservation.path) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            var facts = Facts()
            let isHeld = answer["state"] == "held"
            facts.add("reservation", answer.word("reservation"), .bold)
            facts.add("state", answer.word("state"), isHeld ? .green : .dim)
            facts.add("account", answer.wordIfAny("account"))
            facts.add("session", answer.wordIfAny("session"))
            facts.add("user", answer.wordIfAny("user"))
            facts.add("feature", answer.wordIfAny("feature"))
            facts.add("quantity", answer.word("quantity"))
            facts.add("settled", answer.wordIfAny("settled"))
            facts.add(isHeld ? "lapses" : "would lapse", answer.wordIfAny("expires_at"))
            facts.add("created", answer.wordIfAny("created_at"))
            return facts.lines(on: terminal)
        }
    }

    struct Settle: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what it really was: less or more than was held, or nothing.",
            discussion: """
                More than was held is refused where there is no room for it, and the hold stays. \
                Settling twice with the same number is settling once.

                  usher reservations settle rsv_… 180
                """
        )

        @OptionGroup var reservation: ReservationArgument

        @Argument(help: "How many units it was, 0 or more.")
        var quantity: Int64

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            APIRequest(
                method: "POST",
                path: reservation.path + ["settle"],
                body: .json(["quantity": .integer(quantity)])
            )
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let held = answer.word("quantity")
            let line = "reservation \(reservation.id) held \(held) and used \(quantity)"
            return [(line + MeterWords(answer).ending).printable]
        }
    }

    struct Release: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let go of what is held; nothing was used.",
            discussion: """
                Releasing twice is releasing once.

                  usher reservations release rsv_…
                """
        )

        @OptionGroup var reservation: ReservationArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { APIRequest(method: "DELETE", path: reservation.path) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let line = "reservation \(reservation.id) holds nothing any more"
            return [(line + MeterWords(answer).ending).printable]
        }
    }
}

/// Which reservation.
struct ReservationArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The reservation, rsv_….", valueName: "reservation"))
    var id: String

    var path: [String] { ["v1", "reservations", id] }
}
