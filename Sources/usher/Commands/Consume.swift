import ArgumentParser
import Entitlements

struct ConsumeCommand: LimitedCommand {
    static let configuration = CommandConfiguration(
        commandName: "consume",
        abstract: "Use up some of a metered feature or a rate, if there is enough of it.",
        discussion: """
            Asked and counted in one step: what is refused counts nothing. Exits with 0 when it \
            was consumed, with \(CheckCommand.denied.rawValue) when it is denied, and with 1 when \
            the question could not be answered. A script that repeats a failed call names it with \
            --key: it then counts once.

              usher consume api_calls --session ses_…
              usher consume image --account acme --user ada --quantity 4 --key job-7
              usher consume image --account acme --quantity 100 --cap   # what there is of it
            """
    )

    @Argument(help: "The feature, of the type metered or rate.")
    var feature: String

    @OptionGroup var consumer: ConsumerOptions

    @Option(help: "How many units.")
    var quantity: Int64 = 1

    @Flag(help: "Take what is left where it is less than --quantity.")
    var cap = false

    @OptionGroup var key: KeyOption
    @OptionGroup var service: ServiceOptions

    var request: APIRequest {
        var body = consumer.members
        body["feature"] = .string(feature)
        body["quantity"] = .integer(quantity)
        if cap { body["mode"] = "cap" }
        var request = APIRequest.post("v1", "consume", body: .object(body))
        request.headers = key.headers
        return request
    }

    var asked: String { "\(quantity) of \(feature) for \(consumer.words)" }

    func line(_ answer: JSON) -> String {
        let consumed = answer.word("consumed")
        let asked = answer["consumed"]?.integer == quantity ? "" : ", not all \(quantity),"
        let what = "consumed \(consumed)\(asked) of \(feature) for \(consumer.words)"
        return (what + MeterWords(answer).ending).printable
    }
}
