import Limits

/// What the front looks for in a request, prepared once for all connections.
struct Grammar: Sendable {
    /// A route as its request line, up to the name where it takes one.
    struct Line: Sendable {
        let bytes: [UInt8]
        let takesName: Bool
        let id: Int
        let takesBody: Bool
    }

    /// A header field that the front has to look at.
    enum Field: Sendable {
        case host, contentLength, contentType, connection, authorization, requestID, idempotencyKey
        /// Its presence sends the request to the ordinary pipeline.
        case cold
    }

    private struct Name: Sendable {
        let bytes: [UInt8]
        let field: Field
    }

    let lines: [Line]
    let longestLine: Int
    let configuration: FrontConfiguration
    /// By the number of their characters, so that most names are told apart without a comparison.
    private let names: [[Name]]

    /// Traps on a route that cannot be served in this way, and on an empty table.
    init(routes: [HotRoute], configuration: FrontConfiguration) {
        lines = routes.map(Self.line)
        longestLine = lines.map(\.longest).max() ?? 0
        precondition(longestLine > 0, "a front without routes has nothing to do")
        self.configuration = configuration
        names = Self.table(cold: configuration.coldHeaders)
    }

    /// The route of a request line, and where its name is; nil for any other.
    func line(_ range: Range<Int>, of bytes: Span<UInt8>) -> (line: Line, name: Range<Int>?)? {
        for line in lines {
            if !line.takesName {
                if bytes.equals(line.bytes, in: range) { return (line, nil) }
            } else if let name = Self.name(behind: line, in: range, of: bytes) {
                return (line, name)
            }
        }
        return nil
    }

    private static func name(
        behind line: Line,
        in range: Range<Int>,
        of bytes: Span<UInt8>
    ) -> Range<Int>? {
        let start = range.lowerBound + line.bytes.count
        let end = range.upperBound - version.count
        guard start < end, end - start <= Limits.nameCharacters,
            bytes.equals(line.bytes, in: range.lowerBound..<start),
            bytes.equals(version, in: end..<range.upperBound),
            bytes.all(in: start..<end, are: \.isNameCharacter)
        else { return nil }
        return start..<end
    }

    private static let version = Array(" HTTP/1.1".utf8)

    /// The meaning of a header name; nil when it has none here.
    func field(named range: Range<Int>, of bytes: Span<UInt8>) -> Field? {
        guard range.count < names.count else { return nil }
        for name in names[range.count] where bytes.equalsFolded(name.bytes, in: range) {
            return name.field
        }
        return nil
    }

    private static func line(of route: HotRoute) -> Line {
        precondition(["GET", "POST"].contains(route.method), "a hot route is a GET or a POST")
        precondition(
            route.path.hasPrefix("/") && route.path.utf8.allSatisfy(\.isVisible),
            "the path of a hot route is an absolute one in visible ASCII"
        )
        let head = Array("\(route.method) \(route.path)".utf8)
        return Line(
            bytes: route.takesName ? head : head + version,
            takesName: route.takesName,
            id: route.id,
            takesBody: route.method == "POST"
        )
    }

    private static func table(cold: [String]) -> [[Name]] {
        let meaning: [(String, Field)] = [
            ("host", .host), ("content-length", .contentLength), ("content-type", .contentType),
            ("connection", .connection), ("authorization", .authorization),
            ("x-request-id", .requestID), ("idempotency-key", .idempotencyKey),
            ("transfer-encoding", .cold), ("expect", .cold), ("x-api-key", .cold),
            ("upgrade", .cold), ("trailer", .cold),
        ]
        let names = (meaning + cold.map { ($0, .cold) })
            .map { name, field in
                Name(bytes: name.utf8.map(\.folded), field: field)
            }
        let longest = names.map(\.bytes.count).max() ?? 0
        return (0...longest).map { length in names.filter { $0.bytes.count == length } }
    }
}

extension Grammar.Line {
    /// The longest request line that is one of the route.
    fileprivate var longest: Int {
        bytes.count + (takesName ? Limits.nameCharacters + " HTTP/1.1".utf8.count : 0)
    }
}
