import ArgumentParser
import Entitlements

extension UsageCommand {
    struct Chart: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "How much was used, as a bar a window.",
            discussion: """
                As wide as the terminal; into a file or a pipe in plain characters.

                  usher usage chart api_calls --account acme --last 30d
                  usher usage chart api_calls --account acme --window hour --last 24h --user ada
                """
        )

        @OptionGroup var windows: WindowOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { windows.request(isByUser: false) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            lines(answer, on: terminal, canvas: .standard)
        }

        func lines(_ answer: JSON, on terminal: Terminal, canvas: Canvas) -> [String] {
            let words = UsageWords(answer)
            return words.chart.lines(on: terminal, canvas: canvas)
                + [words.total(of: windows.account)]
        }
    }
}
