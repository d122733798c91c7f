package import Logging

extension Logger {
    /// For tests that provoke what would be logged.
    package static var silent: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}
