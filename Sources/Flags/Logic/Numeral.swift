import Entitlements

/// A number as rules reckon: whole ones stay whole while 64 bits hold them.
enum Numeral: Sendable {
    case whole(Int64)
    case real(Double)

    var real: Double {
        switch self {
        case .whole(let value): Double(value)
        case .real(let value): value
        }
    }

    var json: JSON {
        switch self {
        case .whole(let value): .integer(value)
        case .real(let value): .number(value)
        }
    }

    var isNaN: Bool { real.isNaN }
}

extension Numeral {
    static func + (left: Numeral, right: Numeral) -> Numeral {
        if case .whole(let left) = left, case .whole(let right) = right {
            let (sum, isOver) = left.addingReportingOverflow(right)
            if !isOver { return .whole(sum) }
        }
        return .real(left.real + right.real)
    }

    static func - (left: Numeral, right: Numeral) -> Numeral {
        if case .whole(let left) = left, case .whole(let right) = right {
            let (difference, isOver) = left.subtractingReportingOverflow(right)
            if !isOver { return .whole(difference) }
        }
        return .real(left.real - right.real)
    }

    static func * (left: Numeral, right: Numeral) -> Numeral {
        if case .whole(let left) = left, case .whole(let right) = right {
            let (product, isOver) = left.multipliedReportingOverflow(by: right)
            if !isOver { return .whole(product) }
        }
        return .real(left.real * right.real)
    }

    /// Never whole; by zero it is infinite, or no number.
    static func / (left: Numeral, right: Numeral) -> Numeral {
        .real(left.real / right.real)
    }

    /// What is left of a division towards negative infinity: its sign is the divisor's.
    static func % (left: Numeral, right: Numeral) -> Numeral {
        if case .whole(let left) = left, case .whole(let right) = right, right != 0 {
            guard right != -1 else { return .whole(0) }
            let rest = left % right
            return .whole(rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest)
        }
        let divisor = right.real
        let rest = left.real.truncatingRemainder(dividingBy: divisor)
        return .real(rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest)
    }

    static func < (left: Numeral, right: Numeral) -> Bool {
        if case .whole(let left) = left, case .whole(let right) = right { return left < right }
        return left.real < right.real
    }

    static func <= (left: Numeral, right: Numeral) -> Bool {
        if case .whole(let left) = left, case .whole(let right) = right { return left <= right }
        return left.real <= right.real
    }

    static func == (left: Numeral, right: Numeral) -> Bool {
        if case .whole(let left) = left, case .whole(let right) = right { return left == right }
        return left.real == right.real
    }
}
