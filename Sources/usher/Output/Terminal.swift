import Glibc
import SystemPackage

/// Where a command writes for people: standard output, with colours where they can be seen.
struct Terminal: Sendable {
    enum Paint: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
    }

    static let standard = Terminal(
        hasColours: isatty(STDOUT_FILENO) == 1 && ProcessEnvironment.value("NO_COLOR") == nil
            && ProcessEnvironment.value("TERM") != "dumb"
    )

    let hasColours: Bool

    func paint(_ text: String, _ paint: Paint) -> String {
        hasColours ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Writes a line at once, so that a story in steps is seen in steps through a pipe too.
    func print(_ line: String) {
        Swift.print(line)
        fflush(nil)
    }

    /// Writes a line to standard error, where it is seen but is no part of the output.
    ///
    /// Who closed standard error does not want to read it, so a failure to write is none.
    static func note(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8)
    }
}
