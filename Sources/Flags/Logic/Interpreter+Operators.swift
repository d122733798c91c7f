import Entitlements

/// Operators whose arguments are all worked out beforehand.
extension Interpreter {
    mutating func applied(
        _ name: Operator,
        _ left: JSON,
        _ right: JSON
    ) throws(FlagError) -> JSON {
        switch name {
        case .equal: return .bool(try equal(left, right))
        case .unequal: return .bool(!(try equal(left, right)))
        case .identical: return .bool(try identical(left, right))
        case .different: return .bool(!(try identical(left, right)))
        case .less: return .bool(try precedes(left, right, orEquals: false))
        case .lessOrEqual: return .bool(try precedes(left, right, orEquals: true))
        case .greater: return .bool(try precedes(right, left, orEquals: false))
        case .greaterOrEqual: return .bool(try precedes(right, left, orEquals: true))
        case .contains: return .bool(try contains(right, left))
        case .startsWith, .endsWith: return affix(name, left, right)
        case .divide: return (left.numeral / right.numeral).json
        case .remainder: return (left.numeral % right.numeral).json
        default: return try applied(name, [left, right], in: .context)
        }
    }

    mutating func applied(
        _ name: Operator,
        _ arguments: [JSON],
        in scope: borrowing Scope
    ) throws(FlagError) -> JSON {
        switch name {
        case .variable:
            let found = try attribute(arguments.at(0), in: scope)
            return found ?? arguments.at(1)
        case .missing:
            let keys = arguments.at(0).array ?? arguments
            return .array(try missing(among: keys, in: scope))
        case .missingSome:
            return .array(try missing(arguments.at(0), of: arguments.at(1), in: scope))
        case .not: return .bool(!arguments.at(0).isTruthy)
        case .truth: return .bool(arguments.at(0).isTruthy)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            return .bool(try isBetween(name, arguments))
        case .concatenate: return try concatenated(arguments)
        case .substring: return try substring(arguments)
        case .semanticVersion: return semanticVersion(arguments)
        case .fractional: return try variant(ofFractional: arguments, in: scope)
        case .merge: return .array(arguments.flatMap { $0.array ?? [$0] })
        case .startsWith, .endsWith:
            guard arguments.count == 2 else { return .null }
            return affix(name, arguments[0], arguments[1])
        case .equal, .unequal, .identical, .different, .contains, .divide, .remainder:
            return try applied(name, arguments.at(0), arguments.at(1))
        default: return reckoned(name, arguments)
        }
    }

    /// `<` of two, or of three: whether the second is between the others.
    private mutating func isBetween(
        _ name: Operator,
        _ arguments: [JSON]
    ) throws(FlagError) -> Bool {
        let middle = arguments.at(1)
        let first = try applied(name, arguments.at(0), middle).isTruthy
        guard first, !arguments.at(2).isNull else { return first }
        return try applied(name, middle, arguments.at(2)).isTruthy
    }

    /// Whether a text begins or ends with another; null unless both are texts.
    private func affix(_ name: Operator, _ text: JSON, _ piece: JSON) -> JSON {
        guard case .string(let text) = text, case .string(let piece) = piece else { return .null }
        guard name == .endsWith else { return .bool(text.utf8.starts(with: piece.utf8)) }
        return .bool(text.utf8.suffix(piece.utf8.count).elementsEqual(piece.utf8))
    }

    private func reckoned(_ name: Operator, _ arguments: [JSON]) -> JSON {
        switch name {
        case .add: arguments.reduce(Numeral.whole(0)) { $0 + $1.numeral }.json
        case .multiply: arguments.reduce(Numeral.whole(1)) { $0 * $1.numeral }.json
        case .subtract:
            arguments.at(1).isNull
                ? (Numeral.whole(0) - arguments.at(0).numeral).json
                : (arguments.at(0).numeral - arguments.at(1).numeral).json
        case .maximum: extreme(arguments) { $1 < $0 }
        case .minimum: extreme(arguments) { $0 < $1 }
        default: .null
        }
    }

    /// The first of the greatest or least; a truth stays one, and no arguments are no number.
    private func extreme(_ arguments: [JSON], _ isBetter: (Numeral, Numeral) -> Bool) -> JSON {
        guard var best = arguments.first else { return .number(.nan) }
        for argument in arguments.dropFirst() where isBetter(argument.numeral, best.numeral) {
            best = argument
        }
        return best.bool.map(JSON.bool) ?? best.numeral.json
    }
}
