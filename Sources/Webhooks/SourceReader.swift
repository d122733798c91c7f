import Yams

/// The settings of one mapping of the file, with the way to them.
struct Fields {
    let path: String
    let node: Node
    let values: [String: Node]

    func way(to key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }
}

/// Reads YAML nodes and keeps every mistake that it meets, each with its line.
///
/// A reading function answers nil when it has noted a problem, or when an optional setting is
/// absent; the caller goes on, so that one run finds all there is to mend.
struct SourceReader {
    let file: String
    private(set) var problems: [SourceProblem] = []

    init(file: String) {
        self.file = file
    }

    mutating func note(_ node: Node?, _ field: String, _ message: String, _ remedy: String) {
        problems.append(
            SourceProblem(
                file: file,
                line: node?.mark?.line ?? 1,
                field: field,
                message: message,
                remedy: remedy
            )
        )
    }

    mutating func note(line: Int, _ message: String, _ remedy: String) {
        problems.append(
            SourceProblem(file: file, line: line, field: "", message: message, remedy: remedy)
        )
    }

    // MARK: Shapes

    mutating func mapping(_ node: Node, _ path: String, known: [String]) -> Fields? {
        guard let mapping = node.mapping else {
            note(node, path, "is no mapping", "write `key: value` pairs: \(words(known))")
            return nil
        }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, known.contains(name) else {
                let name = key.scalar?.string ?? "a key"
                let field = path.isEmpty ? name : "\(path).\(name)"
                note(key, field, "is no setting here", "known are \(words(known))")
                continue
            }
            values[name] = value
        }
        return Fields(path: path, node: node, values: values)
    }

    /// The mapping under a key that must be there.
    mutating func mapping(_ fields: Fields, _ key: String, known: [String]) -> Fields? {
        guard let node = required(fields, key) else { return nil }
        return mapping(node, fields.way(to: key), known: known)
    }

    /// The entries of a list, each with the way to it; a single entry may stand without the list.
    mutating func list(_ fields: Fields, _ key: String) -> [(node: Node, path: String)] {
        guard let node = required(fields, key) else { return [] }
        return entries(node, fields.way(to: key))
    }

    mutating func entries(_ node: Node, _ path: String) -> [(node: Node, path: String)] {
        guard let sequence = node.sequence else { return [(node, path)] }
        if sequence.isEmpty { note(node, path, "is empty", "give at least one entry") }
        return sequence.enumerated().map { ($1, "\(path)[\($0)]") }
    }

    mutating func required(_ fields: Fields, _ key: String) -> Node? {
        if let node = fields.values[key] { return node }
        note(fields.node, fields.way(to: key), "is missing", "add `\(key):`")
        return nil
    }

    // MARK: Scalars

    mutating func text(_ node: Node, _ path: String) -> String? {
        guard let text = node.scalar?.string, !text.isEmpty else {
            note(node, path, "is no text", "write one value")
            return nil
        }
        return text
    }

    mutating func text(_ fields: Fields, _ key: String) -> String? {
        required(fields, key).flatMap { text($0, fields.way(to: key)) }
    }

    mutating func optionalText(_ fields: Fields, _ key: String) -> String? {
        fields.values[key].flatMap { text($0, fields.way(to: key)) }
    }

    mutating func optionalFlag(_ fields: Fields, _ key: String) -> Bool? {
        guard let node = fields.values[key] else { return nil }
        switch node.scalar?.string {
        case "true": return true
        case "false": return false
        default:
            note(node, fields.way(to: key), "is neither true nor false", "write true or false")
            return nil
        }
    }

    mutating func word<Word>(_ node: Node, _ path: String, of type: Word.Type) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let text = text(node, path) else { return nil }
        guard let word = Word(rawValue: text) else {
            let known = words(Word.allCases.map(\.rawValue))
            note(node, path, "`\(text)` is not known", "write one of \(known)")
            return nil
        }
        return word
    }

    mutating func word<Word>(_ fields: Fields, _ key: String, of type: Word.Type) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        required(fields, key).flatMap { word($0, fields.way(to: key), of: type) }
    }

    private func words(_ list: [String]) -> String {
        list.joined(separator: ", ")
    }
}
