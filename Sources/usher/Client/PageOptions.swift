import ArgumentParser
import Entitlements
import Limits

/// Which page of a list.
struct PageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Rows on the page, at most \(Limits.pageRows.most) (\(Limits.pageRows.standard))."
        )
    )
    var limit: Int?

    @Option(help: "Where the page begins, as the page before said.")
    var cursor: String?
}

extension PageOptions {
    var query: [(name: String, value: String?)] {
        [("limit", limit.map(String.init)), ("cursor", cursor)]
    }

    /// The rows of a page as a table, and how to go on when there are more.
    static func show(
        _ page: JSON,
        on terminal: Terminal,
        nothing: String,
        table: (ArraySlice<JSON>) -> Table
    ) -> [String] {
        let items = page["items"]?.array ?? []
        guard !items.isEmpty else { return [terminal.paint(nothing, .dim)] }
        var lines = table(items[...]).lines(on: terminal)
        if let next = page["next_cursor"]?.string {
            lines.append(terminal.paint("there is more: --cursor \(next.printable)", .dim))
        }
        return lines
    }
}
