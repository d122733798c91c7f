import FoundationEssentials

/// The variables that this process was started with.
enum ProcessEnvironment {
    /// The value of a variable; nil when it is not set, or empty, which shells make of "not set".
    static func value(_ name: String) -> String? {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            return nil
        }
        return value
    }
}
