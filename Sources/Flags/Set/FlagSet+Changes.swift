package import Entitlements

/// Whether one flag may be written as it is, beside all others.
extension FlagSet {
    /// What stands against adding or changing a flag: in itself, and for those that wait for it.
    package func faults(putting key: String, _ json: JSON) -> [FlagFault] {
        let list = FaultList()
        let definition = FlagDefinition.read(key: key, json: json, faults: list)
        guard let definition else { return list.all }
        var changed = document
        changed.flags.removeAll { $0.key == key }
        changed.flags.append(definition)
        if let old = self.definition(key) { check(old, becoming: definition, list) }
        list.add(new(in: changed))
        return list.all
    }

    /// What stands against a flag in the place of the one that there is, whatever it refers to.
    package func faults(changing new: FlagDefinition) -> [FlagFault] {
        let list = FaultList()
        if let old = definition(new.key) { check(old, becoming: new, list) }
        return list.all
    }

    /// What stands against removing a flag: those that wait for it.
    package func faults(removing key: String) -> [FlagFault] {
        dependants(of: key)
            .map { dependant in
                FlagFault(
                    path: "flags.\(key)",
                    message: "`\(dependant)` has this flag as a prerequisite",
                    remedy: "drop the prerequisite of `\(dependant)` first"
                )
            }
    }

    /// What stands against another document in place of this one.
    package func faults(replacing document: FlagDocument) -> [FlagFault] {
        new(in: document)
    }

    /// The flags that have a flag as their prerequisite.
    package func dependants(of key: String) -> [String] {
        keys.filter { other in
            definition(other)?.usher.prerequisites.contains { $0.flag == key } ?? false
        }
    }

    /// Faults that this set does not have already: an old one elsewhere must not stop a write.
    private func new(in changed: FlagDocument) -> [FlagFault] {
        let known = Set(faults)
        return FlagSet(changed).faults.filter { !known.contains($0) }
    }

    private func check(_ old: FlagDefinition, becoming new: FlagDefinition, _ list: FaultList) {
        let path = "flags.\(old.key)"
        if old.kind != new.kind, let dependant = dependants(of: old.key).first {
            list.add(
                "\(path).variants",
                "the type changes from \(old.kind.rawValue) to \(new.kind.rawValue), "
                    + "and `\(dependant)` waits for this flag",
                "drop the prerequisite first, or make another flag"
            )
        }
        guard old.usher.bucketing == new.usher.bucketing, old.salt == new.salt else {
            return list.add(
                "\(path).usher.\(old.salt == new.salt ? "bucketing" : "salt")",
                "bucketing and salt stay as they were made, or everybody changes sides",
                "leave them as they are, or make another flag"
            )
        }
    }
}

extension FlagDefinition {
    /// What splits are mixed with.
    package var salt: String { usher.salt ?? key }
}
