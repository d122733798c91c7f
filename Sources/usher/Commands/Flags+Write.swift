import ArgumentParser
import Entitlements

extension FlagsCommand {
    struct Set: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make or replace a flag, from its definition in flagd's format.",
            discussion: """
                In force at the very next evaluation. A definition with mistakes changes nothing; \
                each mistake is told with its path. With --if-version a change that somebody else \
                made meanwhile is not lost: theirs stands, and yours is refused.

                  usher flags set new-checkout new-checkout.json --reason 'ticket 7'
                  usher flags set new-checkout - --if-version 3
                """
        )

        @OptionGroup var flag: FlagArgument
        @OptionGroup var definition: JSONFile

        @Option(
            help: ArgumentHelp("Only where this is its version now.", valueName: "version")
        )
        var ifVersion: Int64?

        @Flag(help: "Only where there is no such flag.")
        var new = false

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard ifVersion == nil || !new else {
                throw ValidationError("Name either --if-version or --new.")
            }
        }

        var request: APIRequest {
            get throws {
                var request = APIRequest.put("v1", "flags", flag.key, body: try definition.read())
                request.query = [("reason", why.reason)]
                if new { request.headers = [("If-None-Match", "*")] }
                if let ifVersion { request.headers = [("If-Match", "\"\(ifVersion)\"")] }
                return request
            }
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [FlagWords(answer).now] }
    }

    struct Delete: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a flag; who evaluates it gets the code's default.",
            discussion: """
                Its versions are kept, and `revert` brings it back.

                  usher flags delete new-checkout --reason 'out for all'
                """
        )

        @OptionGroup var flag: FlagArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .delete("v1", "flags", flag.key, reason: why.reason) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["flag \(flag.key) is deleted".printable]
        }
    }

    struct Kill: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a flag off for everybody, at the very next evaluation.",
            discussion: "  usher flags kill new-checkout --reason 'incident 7'"
        )

        @OptionGroup var flag: FlagArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("reason", why.reason)
            return .post("v1", "flags", flag.key, "kill", body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [FlagWords(answer).now] }
    }

    struct Restore: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a flag that was killed back to its definition.",
            discussion: "  usher flags restore new-checkout --reason 'mended'"
        )

        @OptionGroup var flag: FlagArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .delete("v1", "flags", flag.key, "kill", reason: why.reason) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [FlagWords(answer).now] }
    }

    struct Revert: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a former definition the present one, as a new version.",
            discussion: "  usher flags revert new-checkout 3 --reason 'worked better'"
        )

        @OptionGroup var flag: FlagArgument

        @Argument(help: "The version, see `flags versions`.")
        var version: Int64

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = ["version": .integer(version)]
            body.set("reason", why.reason)
            return .post("v1", "flags", flag.key, "revert", body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] { [FlagWords(answer).now] }
    }
}
