import Limits

/// Cuts what it is given into events: the elements of an array, or one a line.
///
/// Takes the bytes as they come and keeps no more than one event, so a file may be of any size. It
/// looks for borders alone; whether what lies between them is JSON, its reader finds out.
struct EventSplitter {
    struct Piece: Equatable {
        /// Where it begins, counted from 1.
        let line: Int
        /// Nil for one that no call has room for.
        let bytes: [UInt8]?
    }

    private enum Form { case unknown, lines, array, afterArray }

    private var form = Form.unknown
    private var line = 1
    private var piece: [UInt8] = []
    /// Where the piece begins; nil while there is none.
    private var start: Int?
    private var isTooLong = false
    private var hasElements = false
    // Inside of an array's element:
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Takes the next bytes.
    ///
    /// - Returns: The events that ended in them.
    /// - Throws: When something follows the array.
    mutating func add(_ bytes: some Sequence<UInt8>) throws(CommandFailure) -> [Piece] {
        var pieces: [Piece] = []
        for byte in bytes {
            try take(byte, into: &pieces)
            if byte == Byte.newline { line += 1 }
        }
        return pieces
    }

    /// Takes the end of the input.
    ///
    /// - Returns: The last line, which need not have an end.
    /// - Throws: When the end of an array is missing: what is there of the last event may be half
    ///   of it.
    mutating func end() throws(CommandFailure) -> [Piece] {
        guard form != .array else {
            throw CommandFailure("The input ends in line \(line), before its array does.")
        }
        var pieces: [Piece] = []
        cut(into: &pieces)
        return pieces
    }
}

extension EventSplitter {
    private enum Byte {
        static let newline = UInt8(ascii: "\n")
        static let quote = UInt8(ascii: "\"")
        static let backslash = UInt8(ascii: "\\")
        static let comma = UInt8(ascii: ",")
        static let arrayStart = UInt8(ascii: "[")
        static let arrayEnd = UInt8(ascii: "]")

        static func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == newline || byte == UInt8(ascii: "\r")
                || byte == UInt8(ascii: "\t")
        }
    }

    private mutating func take(
        _ byte: UInt8,
        into pieces: inout [Piece]
    ) throws(CommandFailure) {
        switch form {
        case .unknown:
            guard !Byte.isBlank(byte) else { return }
            form = byte == Byte.arrayStart ? .array : .lines
            if form == .lines { keep(byte) }
        case .lines:
            if byte == Byte.newline { cut(into: &pieces) } else { keep(byte) }
        case .array:
            takeInArray(byte, into: &pieces)
        case .afterArray:
            guard Byte.isBlank(byte) else {
                throw CommandFailure("Something follows the array, in line \(line).")
            }
        }
    }

    private mutating func takeInArray(_ byte: UInt8, into pieces: inout [Piece]) {
        if isInString {
            keep(byte)
            let isEnd = byte == Byte.quote && !isEscaped
            isEscaped = byte == Byte.backslash && !isEscaped
            isInString = !isEnd
            return
        }
        switch byte {
        case Byte.comma where depth == 0:
            cutElement(into: &pieces)
            hasElements = true
        case Byte.arrayEnd where depth == 0:
            // Between the brackets of an empty array there is nothing, not an empty element.
            if hasElements || start != nil { cutElement(into: &pieces) }
            form = .afterArray
        default:
            switch byte {
            case Byte.quote: isInString = true
            case UInt8(ascii: "{"), Byte.arrayStart: depth += 1
            case UInt8(ascii: "}"), Byte.arrayEnd: depth = max(depth - 1, 0)
            default: break
            }
            keep(byte)
        }
    }

    /// Blanks before a piece are no part of it.
    private mutating func keep(_ byte: UInt8) {
        if start == nil {
            guard !Byte.isBlank(byte) else { return }
            start = line
        }
        guard !isTooLong else { return }
        piece.append(byte)
        guard piece.count > EventSending.mostBytes else { return }
        isTooLong = true
        piece = []
    }

    /// Ends an element; where a comma has nothing before it, that is one too, if none of JSON.
    private mutating func cutElement(into pieces: inout [Piece]) {
        start = start ?? line
        cut(into: &pieces)
    }

    private mutating func cut(into pieces: inout [Piece]) {
        guard let start else { return }
        pieces.append(Piece(line: start, bytes: isTooLong ? nil : piece))
        self.start = nil
        piece = []
        isTooLong = false
    }
}
