import ArgumentParser
import Entitlements
import Foundation
import Limits

extension UsageCommand {
    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count what has happened already, from a file of CloudEvents.",
            discussion: """
                One event a line, or an array of them; - is standard input. Counted also beyond a \
                limit. An event that was counted before, by its source and id, is not counted \
                again: a sending that broke off goes on by starting again. Exits with 1 when \
                events were rejected, and tells their lines; the others are counted.

                  usher usage send events.jsonl

                One image of the account acme; data says how many and whose, time says when:

                  {"specversion":"1.0","id":"7","source":"app","type":"image","subject":"acme"}
                  … "time":"2026-11-24T10:00:00Z","data":{"quantity":5,"user":"ada"}
                """
        )

        @Argument(help: "The file, or - for standard input.")
        var file: String

        @Flag(help: "Count events of more than a day ago too, at the time of their arrival.")
        var late = false

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let client = try service.client()
            let input = try Self.open(file)
            var sending = EventSending(isLateCounted: late)
            do {
                try await pass(input, to: &sending, by: client)
            } catch {
                // What was counted is told also when the service does not go on.
                if sending.total > 0 { show(sending) }
                throw error
            }
            show(sending)
            guard let failure = sending.failure else { return }
            throw service.json ? CommandFailure(failure.message) : failure
        }

        /// Reads the input to its end and sends each event of it.
        private func pass(
            _ input: FileHandle,
            to sending: inout EventSending,
            by client: APIClient
        ) async throws {
            let send: EventSending.Send = { request throws(CommandFailure) in
                let answer = try await client.send(request)
                return answer
            }
            let pause = { (wait: Duration) async throws in
                Terminal.note("the service is busy; going on in \(wait.components.seconds) s")
                try await Task.sleep(for: wait)
            }
            var splitter = EventSplitter()
            var told: Int64 = 0
            var isAtEnd = false
            while !isAtEnd {
                let bytes = try read(input)
                isAtEnd = bytes.isEmpty
                for piece in isAtEnd ? try splitter.end() : try splitter.add(bytes) {
                    try await sending.add(piece, send: send, pause: pause)
                    guard sending.total - told >= Int64(Limits.eventsSent) else { continue }
                    told = sending.total
                    Terminal.note(sending.summary)
                }
            }
            try await sending.flush(send: send, pause: pause)
        }

        private func show(_ sending: EventSending) {
            Terminal.standard.print(service.json ? sending.json.description : sending.summary)
        }

        private static func open(_ file: String) throws(CommandFailure) -> FileHandle {
            guard file != "-" else { return .standardInput }
            guard let handle = FileHandle(forReadingAtPath: file) else {
                throw unreadable(file)
            }
            return handle
        }

        /// The next bytes; none at the end.
        private func read(_ input: FileHandle) throws(CommandFailure) -> Data {
            do {
                return try input.read(upToCount: Limits.inputBytes) ?? Data()
            } catch {
                throw Self.unreadable(file)
            }
        }

        private static func unreadable(_ file: String) -> CommandFailure {
            CommandFailure("The file '\(file.printable)' cannot be read.")
        }
    }
}
