import Entitlements
import Limits

/// The fields of one mapping, read by name; what is wrong with them is collected on the way.
struct Fields {
    let place: Place
    let problems: ProblemList
    private let entries: [Located.Entry]

    /// Nil, with the problem added, where the value is no mapping.
    init?(_ node: Located, at place: Place, _ problems: ProblemList, remedy: String) {
        guard case .map(let entries) = node.value else {
            problems.add(place, "is \(node.kind), not a mapping", remedy)
            return nil
        }
        self.entries = entries
        self.place = place
        self.problems = problems
    }

    /// All of them, in the order of the file.
    var all: [(key: String, node: Located, place: Place)] {
        entries.map { ($0.key, $0.value, place.child($0.key, line: $0.line ?? place.line)) }
    }

    func find(_ key: String) -> (node: Located, place: Place)? {
        all.first { $0.key == key }.map { ($0.node, $0.place) }
    }

    func problem(_ message: String, _ remedy: String) {
        problems.add(place, message, remedy)
    }

    func refuse(except known: [String]) {
        for (key, _, place) in all where !known.contains(key) {
            let list = known.map { "`\($0)`" }.joined(separator: ", ")
            problems.add(
                place,
                "unknown key `\(key)`",
                remedy(for: key, among: known, otherwise: "known here: \(list)")
            )
        }
    }

    /// Text for people: a name, a description, a unit.
    func text(_ key: String) -> String? {
        guard let (node, place) = find(key) else { return nil }
        guard case .text(let text) = node.value else {
            problems.add(place, "is \(node.kind), not text", "put it in quotes")
            return nil
        }
        guard !text.isEmpty, text.unicodeScalars.count <= Limits.textCharacters else {
            let remedy = "write 1 to \(Limits.textCharacters) characters, or leave it out"
            problems.add(place, "is empty or too long", remedy)
            return nil
        }
        return text
    }

    func flag(_ key: String) -> Bool? {
        guard let (node, place) = find(key) else { return nil }
        guard case .bool(let flag) = node.value else {
            problems.add(place, "is \(node.kind), not a boolean", "write true or false")
            return nil
        }
        return flag
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let (node, place) = find(key) else { return nil }
        guard case .integer(let number) = node.value, range.contains(number) else {
            problems.add(
                place,
                "is \(node.kind), not a whole number in range",
                "write a number from \(range.lowerBound) to \(range.upperBound), without quotes"
            )
            return nil
        }
        return number
    }

    func word(_ key: String, of allowed: [String]) -> String? {
        guard let (node, place) = find(key) else { return nil }
        let list = "write one of " + allowed.map { "`\($0)`" }.joined(separator: ", ")
        guard case .text(let word) = node.value else {
            problems.add(place, "is \(node.kind), not a word", list)
            return nil
        }
        guard allowed.contains(word) else {
            problems.add(
                place,
                "has the unknown value `\(word)`",
                remedy(for: word, among: allowed, otherwise: list)
            )
            return nil
        }
        return word
    }
}

extension ProblemList {
    /// Whether it is a name; a problem where it is not.
    func checkName(_ name: String, _ place: Place) -> Bool {
        guard Name.isValid(name) else {
            add(
                place,
                "`\(name.prefix(40))` is not a name",
                "use letters, digits and _ . : - only, at most \(Limits.nameCharacters)"
            )
            return false
        }
        return true
    }
}
