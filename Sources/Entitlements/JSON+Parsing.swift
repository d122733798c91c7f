extension JSON {
    /// Deepest nesting that is read.
    ///
    /// Real payloads stay under ten; the parser recurses, and its
    /// stack must not be the sender's to spend.
    package static let mostNested = 64

    /// Why some bytes are not JSON, and where.
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        /// The byte at fault, counted from 0; the length of the input when it ended too early.
        package let offset: Int
        package let message: String

        package init(offset: Int, message: String) {
            self.offset = offset
            self.message = message
        }

        package var description: String { "byte \(offset): \(message)" }
    }

    /// Reads one JSON text (RFC 8259), strictly.
    ///
    /// Refused as well, since two readers could understand them differently: a key that stands
    /// twice in an object (by Unicode's canonical equivalence), invalid UTF-8, lone surrogates,
    /// numbers beyond a double, a byte order mark, and nesting deeper than `mostNested`. An integer
    /// that fits `Int64` is `.integer`; every other number is `.number`.
    package init(parsing bytes: [UInt8]) throws(ParseError) {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    package init(parsing bytes: some Collection<UInt8>) throws(ParseError) {
        try self.init(parsing: [UInt8](bytes))
    }

    package init(parsing text: String) throws(ParseError) {
        try self.init(parsing: [UInt8](text.utf8))
    }
}
