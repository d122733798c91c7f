import Limits
import Yams

extension SourceDefinition {
    private static let settings = [
        "source", "livemode", "account", "secrets", "api_key", "base", "auth", "event",
        "subjects", "callback", "map", "status",
    ]

    /// Reads a source's file.
    ///
    /// - Parameters:
    ///   - file: its path as problems are to name it; the source must have the file's name.
    ///   - yaml: its content.
    /// - Returns: the definition, every part of it checked.
    /// - Throws: every problem of the file at once.
    package static func parse(
        file: String,
        yaml: String
    ) throws(SourceProblems) -> SourceDefinition {
        var reader = SourceReader(file: file)
        let definition = root(&reader, yaml: yaml).flatMap { reader.definition($0, file: file) }
        guard let definition, reader.problems.isEmpty else {
            throw SourceProblems(problems: reader.problems.sorted { $0.line < $1.line })
        }
        return definition
    }

    private static func root(_ reader: inout SourceReader, yaml: String) -> Fields? {
        let remedy = "see webhooks/README.md"
        do {
            guard let node = try compose(yaml: yaml) else {
                reader.note(line: 1, "is empty", remedy)
                return nil
            }
            return reader.mapping(node, "", known: settings)
        } catch let error as YamlError {
            let (line, message) = error.place
            reader.note(line: line, "is no YAML: \(message)", "mend the line's form")
        } catch {
            reader.note(line: 1, "cannot be read: \(error)", remedy)
        }
        return nil
    }
}

extension SourceReader {
    /// All parts are read before any is looked at, so that one run notes every problem.
    fileprivate mutating func definition(_ root: Fields, file: String) -> SourceDefinition? {
        let name = name(root, file: file)
        let livemode = optionalFlag(root, "livemode")
        let secrets = required(root, "secrets").flatMap { variable($0, "secrets") }
        let apiKey = root.values["api_key"].flatMap { variable($0, "api_key") }
        let account = root.values["account"].flatMap { variable($0, "account") }
        let base = base(root)
        let auth = schemes(root)
        let shapes = shapes(root)
        let subjects = subjects(root, shapes: shapes)
        let callback = callback(root)
        let map = map(root)
        let status = status(root)
        guard let name, let secrets, let base, let callback, let map, let status else {
            return nil
        }
        if callback.schedule != nil, root.values["map"]?.mapping?["schedule"] == nil {
            note(
                root.values["map"],
                "map.schedule",
                "is missing",
                "say where a subscription names its schedule, or take out callback.schedule"
            )
        }
        return SourceDefinition(
            name: name,
            livemode: livemode,
            secretsVariable: secrets,
            apiKeyVariable: apiKey,
            accountVariable: account,
            base: base,
            auth: auth,
            event: shapes,
            subjects: subjects,
            callback: callback,
            map: map,
            status: status
        )
    }

    private mutating func name(_ root: Fields, file: String) -> String? {
        guard let name = text(root, "source") else { return nil }
        let node = root.values["source"]
        let last = file.split(separator: "/").last ?? ""
        let isPlain = name.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || byte == UInt8(ascii: "-")
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
        }
        guard isPlain, name.utf8.count <= Limits.nameCharacters else {
            note(
                node,
                "source",
                "`\(name)` does not fit in a path",
                "use a-z, 0-9, hyphens and underscores, at most \(Limits.nameCharacters)"
            )
            return nil
        }
        if last != "\(name).yaml" {
            note(node, "source", "`\(name)` is not the file's name", "call it \(name).yaml")
        }
        return name
    }

    private mutating func base(_ root: Fields) -> SourceDefinition.Base? {
        guard let node = required(root, "base") else { return nil }
        guard node.mapping != nil else {
            if let text = node.scalar?.string, text.hasPrefix("$") {
                return variable(node, "base").map { .init(variable: $0, standard: nil) }
            }
            return baseURL(node, "base").map { .init(variable: nil, standard: $0) }
        }
        guard let fields = mapping(node, "base", known: ["from", "default"]) else { return nil }
        let from = required(fields, "from").flatMap { variable($0, "base.from") }
        let standard = required(fields, "default").flatMap { baseURL($0, "base.default") }
        guard let from, let standard else { return nil }
        return .init(variable: from, standard: standard)
    }

    private mutating func baseURL(_ node: Node, _ path: String) -> String? {
        guard let text = text(node, path) else { return nil }
        if let base = BaseURL.normalised(text) { return base }
        note(node, path, "`\(text)` is no base URL", BaseURL.remedy)
        return nil
    }
}

extension YamlError {
    /// The line, counted from 1, and what is wrong there.
    fileprivate var place: (line: Int, message: String) {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            (context.mark.line, "keys stand twice: \(keys.joined(separator: ", "))")
        default: (1, "it cannot be read as text")
        }
    }
}
