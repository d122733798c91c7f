import Glibc
import Limits

/// What a chart is drawn on: how wide it is, and whether more than ASCII is to be seen on it.
struct Canvas: Sendable {
    /// In characters.
    let columns: Int
    /// Blocks of eighths draw finer on a terminal; a file or a pipe gets plain characters.
    let hasBlocks: Bool

    /// Standard output: the terminal's own width, and as wide as the first ones where there is no
    /// terminal, so that a chart in a file looks the same wherever it was made.
    static var standard: Canvas {
        guard let columns = terminalColumns else {
            return Canvas(columns: Limits.chartColumns, hasBlocks: false)
        }
        return Canvas(columns: columns, hasBlocks: ProcessEnvironment.value("TERM") != "dumb")
    }

    private static var terminalColumns: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        // A terminal over a serial line does not know its size, and says 0.
        return isKnown && size.ws_col > 0 ? Int(size.ws_col) : Limits.chartColumns
    }
}
