import ArgumentParser
import Entitlements

extension FlagsCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print all flags as one document, as `import` takes it.",
            discussion: """
                With --flagd as flagd reads it; what flagd cannot express is left out, and named \
                on standard error.

                  usher flags export > flags.json
                  usher flags export --flagd > flagd.json
                """
        )

        @Flag(help: "Leave out what flagd cannot express.")
        var flagd = false

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .get("v1", "flagset", query: [("format", flagd ? "flagd" : nil)])
        }

        func run() async throws {
            let answer = try await service.client().call(request)
            service.print(answer) { answer, _ in [document(in: answer).indented] }
            for path in service.json ? [] : answer.json["left_out"]?.array ?? [] {
                Terminal.note("left out: \(path.word)".printable)
            }
        }

        private func document(in answer: JSON) -> JSON {
            flagd ? answer["document"] ?? .null : answer
        }
    }

    struct Import: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the flags of a document in, all of them or none.",
            discussion: """
                A document of flagd's, or one of `export`. Flags that it does not name stay, \
                unless --replace takes them out.

                  usher flags import flags.json --dry-run
                  usher flags import flags.json --replace --reason 'from git'
                """
        )

        @OptionGroup var document: JSONFile

        @Flag(help: "Take out the flags that the document does not name.")
        var replace = false

        @Flag(help: "Only say what would change.")
        var dryRun = false

        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            get throws {
                var body: [String: JSON] = [
                    "document": try document.read(), "replace": .bool(replace),
                    "dry_run": .bool(dryRun),
                ]
                body.set("reason", why.reason)
                return .post("v1", "flagset", body: .object(body))
            }
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            FlagWords.changes(answer, on: terminal)
        }
    }
}
