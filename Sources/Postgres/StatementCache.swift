/// Which statements one session holds prepared, by their text: the least recently used leave first.
///
/// What left is only noted: the session deallocates it when it may, for a failed transaction
/// accepts nothing but its end.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: Int
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses = 0
    private var names = 0
    /// Names that the session still holds and nobody will use again.
    private(set) var retired: [String] = []

    init(capacity: Int) {
        precondition(capacity > 0, "a cache of no statements")
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// The name of a statement that is prepared; counts as a use.
    mutating func name(of text: String) -> String? {
        uses += 1
        entries[text]?.lastUse = uses
        return entries[text]?.name
    }

    /// A name that no statement of this session ever had.
    mutating func newName() -> String {
        names += 1
        return "usher_\(names)"
    }

    /// Notes that the session has prepared a statement.
    mutating func insert(_ text: String, name: String) {
        if let former = entries.removeValue(forKey: text) { retired.append(former.name) }
        if entries.count == capacity, let oldest = entries.min(by: { $0.1.lastUse < $1.1.lastUse })
        {
            entries[oldest.key] = nil
            retired.append(oldest.value.name)
        }
        uses += 1
        entries[text] = Entry(name: name, lastUse: uses)
    }

    /// Forgets a statement that the session holds and that no longer works.
    mutating func retire(_ text: String) {
        if let entry = entries.removeValue(forKey: text) { retired.append(entry.name) }
    }

    /// Notes that the session no longer holds what was retired.
    mutating func deallocated() {
        retired = []
    }

    /// Everything is gone, as after `discard all`.
    mutating func removeAll() {
        entries = [:]
        retired = []
    }
}
