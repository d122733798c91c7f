import Entitlements

/// All flags of one revision of the configuration, compiled once and shared by every check.
package struct FlagSet: Sendable {
    package let document: FlagDocument
    /// Keys of flags that are switched off, whatever their definitions say.
    package let killed: Set<String>
    /// What is wrong with rules and with references between flags; empty for what was accepted.
    package let faults: [FlagFault]
    let flags: [String: CompiledFlag]
    /// The keys in the order of their bytes, which is that of every list.
    package let keys: [String]
    /// What evaluating it may ask of the server's attributes.
    package let needs: FlagNeeds
    /// The flags in that order.
    let ordered: [CompiledFlag]

    package init(_ document: FlagDocument, killed: Set<String> = []) {
        let faults = FaultList()
        let shared = SharedRules(
            evaluators: document.evaluators,
            segments: document.segments,
            faults: faults
        )
        shared.checkAll()
        var flags: [String: CompiledFlag] = [:]
        for definition in document.flags {
            flags[definition.key] = CompiledFlag(
                definition,
                metadata: document.metadata,
                shared: shared
            )
        }
        PrerequisiteCheck(flags: flags.mapValues(\.definition), faults: faults).run()
        self.document = document
        self.killed = killed
        self.flags = flags
        self.faults = faults.all
        ordered = flags.values.sorted { $0.key.isBefore($1.key) }
        keys = ordered.map(\.key)
        needs = FlagNeeds(document)
    }

    /// The definition of a flag.
    package func definition(_ key: String) -> FlagDefinition? {
        flags[key]?.definition
    }
}
