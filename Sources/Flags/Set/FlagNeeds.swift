import Entitlements

/// Which of a session's entitlements the rules of a set may read: deciding all of them for each
/// answer would cost more than the answer.
package struct FlagNeeds: Sendable, Hashable {
    /// By feature.
    package private(set) var entitlements: Set<String> = []
    /// Whether some rule may read any of them: it takes the whole context, or makes up its paths.
    package private(set) var allEntitlements = false

    init(_ document: FlagDocument) {
        for flag in document.flags {
            read(flag.targeting ?? .null)
            if let unit = flag.usher.rollout?.unit { read(path: unit) }
        }
        for rule in document.evaluators.values { read(rule) }
        for segment in document.segments.values { read(segment.rule ?? .null) }
    }

    private mutating func read(_ rule: JSON) {
        switch rule {
        case .array(let items):
            for item in items { read(item) }
        case .object(let members):
            for (name, arguments) in members { read(name, arguments) }
        default: break
        }
    }

    private mutating func read(_ name: String, _ arguments: JSON) {
        switch name {
        case "var": read(pathIn: arguments.array?.first ?? arguments)
        case "usher_entitled":
            guard let feature = (arguments.array?.first ?? arguments).string else {
                allEntitlements = true
                return
            }
            entitlements.insert(feature)
        case "missing", "missing_some":
            // Paths, or lists of them, or what makes them up.
            for path in arguments.array ?? [arguments] {
                for part in path.array ?? [path] where part.integer == nil { read(pathIn: part) }
            }
        default: break
        }
        read(arguments)
    }

    private mutating func read(pathIn argument: JSON) {
        switch argument {
        case .string(let path): read(path: path)
        case .null: allEntitlements = true
        case .array, .object: allEntitlements = true
        case .bool, .integer, .number: break
        }
    }

    private mutating func read(path: String) {
        guard !path.isEmpty else { return allEntitlements = true }
        let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts[0] == "entitlements" else { return }
        // A feature's name may have dots of its own, which a path cannot reach.
        guard parts.count == 2, !parts[1].contains(".") else { return allEntitlements = true }
        entitlements.insert(String(parts[1]))
    }
}
