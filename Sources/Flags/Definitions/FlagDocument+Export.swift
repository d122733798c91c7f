package import Entitlements

/// Writing a document back.
extension FlagDocument {
    /// The document as it would be read again, Usher's own parts included.
    package var json: JSON {
        var whole = plain(flags.map { ($0.key, $0.json) })
        guard !segments.isEmpty else { return .object(whole) }
        whole["usher"] = ["segments": .object(segments.mapValues(\.json))]
        return .object(whole)
    }

    /// The document for flagd, and the paths of what flagd cannot express and is left out.
    package var flagd: (json: JSON, leftOut: [String]) {
        var leftOut: [String] = segments.keys.sorted().map { "usher.segments.\($0)" }
        let stripped = flags.sorted { $0.key.isBefore($1.key) }
            .map { flag in
                var members = flag.json.object ?? [:]
                let own = members.removeValue(forKey: "usher")?.object ?? [:]
                leftOut += own.keys.sorted()
                    .filter { Self.changesAnswers.contains($0) }
                    .map { "flags.\(flag.key).usher.\($0)" }
                if Self.usesOwnOperators(flag.targeting ?? .null) {
                    leftOut.append("flags.\(flag.key).targeting")
                }
                return (flag.key, JSON.object(members))
            }
        leftOut += evaluators.keys.sorted()
            .filter { Self.usesOwnOperators(evaluators[$0] ?? .null) }
            .map { "$evaluators.\($0)" }
        return (.object(plain(stripped)), leftOut)
    }

    /// Owner, tags and the like change no answer, and nobody misses them.
    private static let changesAnswers: Set<String> = [
        "bucketing", "salt", "off_variant", "prerequisites", "targets", "schedule", "season",
        "rollout",
    ]

    private func plain(_ flags: [(String, JSON)]) -> [String: JSON] {
        var whole: [String: JSON] = ["flags": .object(Dictionary(flags) { $1 })]
        if !evaluators.isEmpty { whole["$evaluators"] = .object(evaluators) }
        if !metadata.isEmpty { whole["metadata"] = .object(metadata) }
        return whole
    }

    private static func usesOwnOperators(_ rule: JSON) -> Bool {
        switch rule {
        case .array(let items): items.contains(where: usesOwnOperators)
        case .object(let members):
            members.contains { $0.key.hasPrefix("usher_") || usesOwnOperators($0.value) }
        default: false
        }
    }
}

extension SegmentDefinition {
    package var json: JSON {
        var json = members.json
        if excluded != Members() { json["excluded"] = .object(excluded.json) }
        json["rule"] = rule
        return .object(json)
    }
}

extension Members {
    fileprivate var json: [String: JSON] {
        let all = [("users", users), ("accounts", accounts), ("sessions", sessions)]
        return all.reduce(into: [:]) { json, part in
            guard !part.1.isEmpty else { return }
            json[part.0] = .array(part.1.sorted { $0.isBefore($1) }.map(JSON.string))
        }
    }
}
