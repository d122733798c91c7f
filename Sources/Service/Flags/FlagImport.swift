import Entitlements
package import Flags

/// What taking a document of flags in changes.
package struct FlagImport: Sendable {
    /// New ones and changed ones, by key.
    package let written: [FlagDefinition]
    package let added: [String]
    package let changed: [String]
    package let removed: [String]
    /// Whether named rules, segments or metadata change.
    package let changesShared: Bool
    /// All flags, once it is done.
    let result: FlagDocument

    init(_ document: FlagDocument, over old: FlagDocument, isWhole: Bool) {
        let known = Dictionary(uniqueKeysWithValues: old.flags.map { ($0.key, $0) })
        written = document.flags.filter { known[$0.key]?.json != $0.json }
            .sorted { $0.key < $1.key }
        added = written.map(\.key).filter { known[$0] == nil }
        changed = written.map(\.key).filter { known[$0] != nil }
        let named = Set(document.flags.map(\.key))
        removed = isWhole ? known.keys.filter { !named.contains($0) }.sorted() : []
        var result = document
        if !isWhole {
            result.flags += old.flags.filter { !named.contains($0.key) }
            result.evaluators = old.evaluators.merging(document.evaluators) { $1 }
            result.segments = old.segments.merging(document.segments) { $1 }
            result.metadata = old.metadata.merging(document.metadata) { $1 }
        }
        changesShared =
            result.evaluators != old.evaluators || result.segments != old.segments
            || result.metadata != old.metadata
        self.result = result
    }

    /// What stands against it: in the flags, between them, and in what may not change of those that
    /// there are.
    func faults(over set: FlagSet) -> [FlagFault] {
        written.flatMap { set.faults(changing: $0) } + set.faults(replacing: result)
    }
}
