import NIOCore

/// Reads requests of the plain form from the unread bytes of a connection.
///
/// It keeps its place between calls, so bytes that arrive one by one cost no more than bytes that
/// arrive together. It is strict: whatever it takes, every other parser reads in the same way.
/// Whatever is unusual it calls cold, and it never judges whether that is an error.
struct RequestParser {
    enum Step {
        /// More bytes are needed.
        case incomplete
        /// ``request(from:receivedAt:)`` gives the request; ``length`` is what it takes.
        case complete
        /// The bytes are for the ordinary pipeline.
        case cold
    }

    private enum Section { case requestLine, fields, body }

    private enum Line {
        case whole(Range<Int>)
        case partial
        case malformed
    }

    private let grammar: Grammar
    private var section = Section.requestLine
    /// Where the current line begins; in the body, where the body does.
    private var start = 0
    /// Up to where the current line is known to hold no line end.
    private(set) var scanned = 0
    private var head = RequestHead()

    init(grammar: Grammar) {
        self.grammar = grammar
    }

    /// Goes on with the unread bytes, the first of which is the first of the request.
    mutating func advance(over bytes: Span<UInt8>) -> Step {
        while section != .body {
            switch nextLine(of: bytes) {
            case .whole(let line):
                guard line.upperBound + 2 <= grammar.configuration.headerBytes,
                    take(line, of: bytes)
                else { return .cold }
                start = line.upperBound + 2
                scanned = start
            case .partial:
                return mayBecomePlain(bytes) ? .incomplete : .cold
            case .malformed:
                return .cold
            }
        }
        return bytes.count < length ? .incomplete : .complete
    }

    /// How many bytes the request takes; known once it is complete.
    var length: Int { start + head.contentLength }

    /// A copy of the complete request.
    func request(from bytes: Span<UInt8>, receivedAt: NIODeadline) -> HotRequest {
        HotRequest(
            route: head.route,
            name: head.name.map { bytes.string($0) },
            bearer: head.bearer.map { bytes.string($0) },
            requestID: head.requestID.map { bytes.string($0) },
            idempotencyKey: head.idempotencyKey.map { bytes.string($0) },
            body: bytes.array(start..<length),
            keepAlive: head.keepAlive,
            receivedAt: receivedAt
        )
    }

    /// Begins with the next request.
    mutating func reset() {
        section = .requestLine
        start = 0
        scanned = 0
        head = RequestHead()
    }

    /// Finds the end of the line: CR and LF together, with no other control byte before but tabs.
    private mutating func nextLine(of bytes: Span<UInt8>) -> Line {
        while true {
            scanned = bytes.firstControl(from: scanned)
            guard scanned < bytes.count else { return .partial }
            switch bytes[scanned] {
            case .tab:
                scanned += 1
            case .carriageReturn:
                guard scanned + 1 < bytes.count else { return .partial }
                guard bytes[scanned + 1] == .lineFeed else { return .malformed }
                return .whole(start..<scanned)
            default:
                return .malformed
            }
        }
    }

    private mutating func take(_ line: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        if section == .requestLine {
            section = .fields
            return head.takeRequestLine(line, of: bytes, grammar: grammar)
        }
        guard line.isEmpty else { return head.takeField(line, of: bytes, grammar: grammar) }
        section = .body
        return head.isComplete
    }

    /// Whether a head that is not complete could still be one: nothing waits for the end of a line
    /// that is too long already, or of one that is no request at all.
    private func mayBecomePlain(_ bytes: Span<UInt8>) -> Bool {
        let most =
            section == .requestLine
            ? grammar.longestLine + 2 : grammar.configuration.headerBytes
        return bytes.count <= most
    }
}
