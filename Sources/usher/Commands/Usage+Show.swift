import ArgumentParser
import Entitlements

extension UsageCommand {
    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "How much was used, window by window.",
            discussion: """
                  usher usage show api_calls --account acme --last 30d
                  usher usage show api_calls --account acme --window hour --last 24h --by-user
                  usher usage show api_calls --account acme --window month \
                --from 2026-01-01T00:00:00Z --to 2027-01-01T00:00:00Z
                """
        )

        @OptionGroup var windows: WindowOptions

        @Flag(help: "A row for each user.")
        var byUser = false

        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard !byUser || windows.history.user == nil else {
                throw ValidationError("Name either --user or --by-user.")
            }
        }

        var request: APIRequest { windows.request(isByUser: byUser) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let words = UsageWords(answer)
            let rows = words.items.isEmpty ? [] : words.table.lines(on: terminal)
            return rows + [words.total(of: windows.account)]
        }
    }
}
