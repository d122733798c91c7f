import Entitlements

/// How one kind of event body is read.
///
/// A provider may send several kinds; the first shape that fits is used.
struct EventShape: Sendable, Hashable {
    /// Where the id that tells deliveries of one event apart comes from.
    enum Key: Sendable, Hashable {
        case pointers(Pointers)
        case header(String)
        /// SHA-256 of the body, for providers that send no id: a replay then counts as a duplicate.
        case bodyDigest
    }

    /// A piece of an event type: some providers spread it over two fields.
    enum TypePart: Sendable, Hashable {
        case literal(String)
        case pointer(String)
    }

    /// What the shape's subject rules call it.
    let name: String
    /// The field that tells the shape, and the text that it must have; nil fits every body.
    let condition: Condition?
    let key: Key
    let alias: Pointers?
    let type: [TypePart]
    let createdAt: Pointers?
    let timeUnit: TimeUnit
    let livemode: Pointers?
    let account: Pointers?

    func fits(_ body: JSON) -> Bool {
        condition?.holds(in: body) ?? true
    }
}
