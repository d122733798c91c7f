/// The operators of a rule: JSONLogic's, flagd's own four, and Usher's, whose names begin so.
enum Operator: String, Sendable, CaseIterable {
    case variable = "var"
    case missing
    case missingSome = "missing_some"
    case branch = "if"
    case equal = "=="
    case unequal = "!="
    case identical = "==="
    case different = "!=="
    case not = "!"
    case truth = "!!"
    case or
    case and
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case maximum = "max"
    case minimum = "min"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case map
    case filter
    case reduce
    case all
    case none
    case some
    case merge
    case contains = "in"
    case concatenate = "cat"
    case substring = "substr"
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    case semanticVersion = "sem_ver"
    case fractional
    case segment = "usher_segment"
    case from = "usher_from"
    case until = "usher_until"
    case entitled = "usher_entitled"
}

extension Operator {
    /// How many arguments a rule may give it when it is written.
    ///
    /// Evaluation takes any number, as flagd does: what is missing is null, the rest is ignored.
    var arguments: ClosedRange<Int> {
        switch self {
        case .variable: 0...2
        case .missing, .merge: 0...Int.max
        case .missingSome, .equal, .unequal, .identical, .different, .greater, .greaterOrEqual,
            .divide, .remainder, .map, .filter, .all, .none, .some, .contains, .startsWith,
            .endsWith:
            2...2
        case .branch: 2...Int.max
        case .not, .truth, .segment, .from, .until, .entitled: 1...1
        case .or, .and, .maximum, .minimum, .add, .multiply, .concatenate, .fractional:
            1...Int.max
        case .less, .lessOrEqual, .reduce, .substring: 2...3
        case .subtract: 1...2
        case .semanticVersion: 3...3
        }
    }

    /// Whether equal arguments always give equal results, so that it can be worked out beforehand.
    var isPure: Bool {
        switch self {
        case .variable, .missing, .missingSome, .fractional, .segment, .from, .until, .entitled:
            false
        default: true
        }
    }

    static let names = allCases.map(\.rawValue)
}
