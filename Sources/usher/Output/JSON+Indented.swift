import Entitlements

/// JSON as people edit it and as it lives in a repository.
extension JSON {
    /// The value over several lines.
    ///
    /// What fits on one line stays on one. Members are in the order of their names, so that two
    /// exports of the same flags are the same file.
    var indented: String { indented(by: 0, after: 0) }

    /// Columns of a line that is not broken up.
    private static var width: Int { 80 }

    private func indented(by depth: Int, after taken: Int) -> String {
        let compact = description
        guard depth * 2 + taken + compact.count > Self.width else { return compact }
        let parts: [String]
        let brackets: (open: String, close: String)
        switch self {
        case .array(let items):
            parts = items.map { $0.indented(by: depth + 1, after: 0) }
            brackets = ("[", "]")
        case .object(let members):
            parts = members.sorted { $0.key < $1.key }
                .map { key, value in
                    let name = JSON.string(key).description + ": "
                    return name + value.indented(by: depth + 1, after: name.count)
                }
            brackets = ("{", "}")
        default: return compact
        }
        guard !parts.isEmpty else { return compact }
        let margin = String(repeating: "  ", count: depth)
        let lines = parts.map { "\(margin)  \($0)" }.joined(separator: ",\n")
        return "\(brackets.open)\n\(lines)\n\(margin)\(brackets.close)"
    }
}
