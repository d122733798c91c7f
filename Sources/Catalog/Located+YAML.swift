import Limits
import Yams

extension Located {
    /// Reads one YAML document; nil, with the problem added, where it is none.
    static func read(_ file: CatalogFile, problems: ProblemList) -> Located? {
        let whole = Place(file: file.path, line: 1, field: "")
        guard file.text.utf8.count <= Limits.catalogFileBytes else {
            problems.add(
                whole,
                "the file is larger than \(Limits.catalogFileBytes) bytes",
                "split it, one plan a file"
            )
            return nil
        }
        do {
            guard let root = try Yams.compose(yaml: file.text) else {
                problems.add(whole, "the file is empty", "write a plan into it, or remove it")
                return nil
            }
            var budget = Limits.catalogValues
            guard let located = Located(root, depth: 0, budget: &budget) else {
                problems.add(
                    whole,
                    "too much is nested or repeated here",
                    "write it without aliases"
                )
                return nil
            }
            return located
        } catch let error as YamlError {
            problems.add(error, in: file)
        } catch {
            problems.add(whole, "the file cannot be read: \(error)", "check it with a YAML linter")
        }
        return nil
    }

    private init?(_ node: Node, depth: Int, budget: inout Int) {
        budget -= 1
        guard depth < Limits.catalogNesting, budget >= 0 else { return nil }
        line = node.mark?.line
        switch node {
        case .scalar(let scalar):
            value = scalar.style == .plain ? Value(plain: scalar.string) : .text(scalar.string)
        case .sequence(let sequence):
            var values: [Located] = []
            for element in sequence {
                guard let element = Located(element, depth: depth + 1, budget: &budget) else {
                    return nil
                }
                values.append(element)
            }
            value = .list(values)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, element) in mapping {
                guard let name = key.scalar?.string,
                    let element = Located(element, depth: depth + 1, budget: &budget)
                else { return nil }
                entries.append(Entry(key: name, line: key.mark?.line, value: element))
            }
            value = .map(entries)
        case .alias: return nil
        }
    }
}

extension Located.Value {
    /// What an unquoted word is, by YAML 1.2's core schema.
    ///
    /// So `yes`, `no`, `on` and `off` are text, and become no boolean unseen. Digits may be grouped, as in `100_000`.
    fileprivate init(plain text: String) {
        switch text {
        case "", "~", "null": self = .null
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default:
            if let integer = Int64(groupedDigits: text) {
                self = .integer(integer)
            } else if text.isDecimal, let number = Double(text), number.isFinite {
                self = .number(number)
            } else {
                self = .text(text)
            }
        }
    }
}

extension Int64 {
    fileprivate init?(groupedDigits text: String) {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let groups = digits.split(separator: "_", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy("0123456789".contains) })
        else { return nil }
        self.init(text.filter { $0 != "_" })
    }
}

extension String {
    /// `Double` would also take `nan`, `inf` and hexadecimal.
    fileprivate var isDecimal: Bool {
        utf8.contains { (0x30...0x39).contains($0) }
            && allSatisfy { "0123456789.eE+-".contains($0) }
            && first.map { "0123456789-.".contains($0) } == true
    }
}

extension ProblemList {
    fileprivate func add(_ error: YamlError, in file: CatalogFile) {
        func add(_ line: Int?, _ message: String, _ remedy: String) {
            self.add(Place(file: file.path, line: line, field: ""), message, remedy)
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            add(mark.line, "not YAML: \(problem)", "check indentation, colons and brackets here")
        case .duplicatedKeysInMapping(let keys, let context):
            for key in keys {
                let remedy = "keep one of them"
                add(context.mark.line, "the key `\(key)` stands twice in one mapping", remedy)
            }
        case .reader(let problem, _, _, _):
            add(nil, "not text: \(problem)", "save the file as UTF-8")
        default:
            add(nil, "not YAML: \(error)", "check the file with a YAML linter")
        }
    }
}
