import Entitlements

/// Usher's own operators; their arguments are constants.
extension LogicCompiler {
    mutating func own(_ name: Operator, _ argument: JSON, at path: String) -> Node {
        guard let text = argument.string else {
            return failure(path, "`\(name.rawValue)` takes a string", name.ownRemedy)
        }
        switch name {
        case .segment: return segment(text, at: path)
        case .from, .until:
            guard let instant = Instant(rfc3339: text) else {
                return failure(path, "`\(text.prefix(64))` is no time", name.ownRemedy)
            }
            note(instant)
            return name == .from ? .from(instant) : .until(instant)
        default:
            guard Name.isValid(text) else {
                return failure(path, "`\(text.prefix(64))` is no feature", name.ownRemedy)
            }
            return .entitled(text)
        }
    }

    private mutating func segment(_ name: String, at path: String) -> Node {
        switch shared.segments.find(name) {
        case .found(let built):
            for instant in built.instants { note(instant) }
            if built.readsClock { noteClock() }
            return .segment(built.segment)
        case .ring(let ring):
            return failure(path, "the segments contain themselves: \(ring)", "break the ring")
        case .unknown(let remedy):
            return failure(path, "there is no segment `\(name.prefix(64))`", remedy)
        }
    }
}

extension Operator {
    fileprivate var ownRemedy: String {
        switch self {
        case .segment: "give the name of a segment"
        case .entitled: "give the name of a feature"
        default: "give a time like 2026-12-01T09:00:00Z"
        }
    }
}
