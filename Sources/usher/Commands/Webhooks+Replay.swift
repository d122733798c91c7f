import ArgumentParser
import Entitlements
import Limits

extension WebhooksCommand {
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch the subjects of events again and apply them; revives dead letters.",
            discussion: """
                With --json each answer is a line of its own. An event that cannot be replayed \
                does not keep the others from it; the command then exits with 1.

                  usher webhooks replay 4711 4712
                  usher webhooks replay --state dead
                """
        )

        @Argument(help: "The inbox's ids, not the provider's.")
        var ids: [String] = []

        @OptionGroup var filter: EventFilter
        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard ids.isEmpty == (filter.state != nil) else {
                throw ValidationError("Name either events or --state.")
            }
            guard filter.source == nil || filter.state != nil else {
                throw ValidationError("--source goes with --state.")
            }
        }

        func run() async throws {
            let client = try service.client()
            let ids = ids.isEmpty ? try await matches(client) : ids
            if ids.isEmpty, !service.json { Terminal.standard.print("no such events") }
            var failures: [String] = []
            for id in ids {
                do {
                    try await replay(id, by: client)
                } catch {
                    failures.append("\(id.printable): \(error.message)")
                }
            }
            guard failures.isEmpty else {
                let count = "\(failures.count) of \(ids.count)"
                throw CommandFailure("\(count) events were not replayed", details: failures)
            }
        }

        private func replay(_ id: String, by client: APIClient) async throws(CommandFailure) {
            let answer = try await client.call(.post("v1", "webhooks", "events", id, "replay"))
            service.print(answer) { event, terminal in
                let error = event.wordIfAny("last_error").map { ": \($0)" } ?? ""
                return ["\(terminal.paint(event.word("state"), .bold))  \(id)\(error)".printable]
            }
        }

        /// All ids that the filter meets, read before the first replay moves any of them.
        private func matches(_ client: APIClient) async throws(CommandFailure) -> [String] {
            var ids: [String] = []
            var cursor: String?
            repeat {
                let query =
                    filter.query + [
                        ("limit", String(Limits.pageRows.most)), ("cursor", cursor),
                    ]
                let page = try await client.call(.get("v1", "webhooks", "events", query: query))
                ids += (page.json["items"]?.array ?? []).compactMap { $0["id"]?.string }
                cursor = page.json["next_cursor"]?.string
            } while cursor != nil
            return ids
        }
    }
}
