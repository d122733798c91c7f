/// Text that no log, dump or error message may show.
struct Secret: Sendable, Hashable {
    /// The text itself: for keys and for the headers of a request, and for nothing else.
    let exposed: String

    init(_ text: String) {
        exposed = text
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "(secret)" }
    var debugDescription: String { description }
    /// `dump` and string interpolation of an owner look in here: there is nothing to see.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
