package import Entitlements
import Limits

/// A whole document of flags, as flagd reads it from a file.
package struct FlagDocument: Sendable, Hashable {
    package var flags: [FlagDefinition]
    package var segments: [String: SegmentDefinition]
    package var evaluators: [String: JSON]
    package var metadata: [String: JSON]

    package init(
        flags: [FlagDefinition] = [],
        segments: [String: SegmentDefinition] = [:],
        evaluators: [String: JSON] = [:],
        metadata: [String: JSON] = [:]
    ) {
        self.flags = flags
        self.segments = segments
        self.evaluators = evaluators
        self.metadata = metadata
    }

    /// Reads a document, rules and references between flags included.
    package init(json: JSON) throws(FlagFaults) {
        let faults = FaultList()
        self = FlagDocument.read(json, faults: faults)
        faults.add(FlagSet(self).faults)
        guard faults.all.isEmpty else { throw FlagFaults(all: faults.all) }
    }

    /// Reads a document by itself: what its rules refer to may be in the set that it joins.
    package init(reading json: JSON) throws(FlagFaults) {
        let faults = FaultList()
        self = FlagDocument.read(json, faults: faults)
        guard faults.all.isEmpty else { throw FlagFaults(all: faults.all) }
    }

    static func read(_ json: JSON, faults: FaultList) -> FlagDocument {
        var document = FlagDocument()
        let field = Field(json: json, path: "document", faults: faults)
        guard field.object(knowing: ["$schema", "$evaluators", "flags", "metadata", "usher"]) else {
            return document
        }
        document.flags = flags(json["flags"], faults)
        document.metadata = part("metadata", of: field)?.metadata() ?? [:]
        if let evaluators = part("$evaluators", of: field), !evaluators.json.isNull {
            if evaluators.json.object == nil { evaluators.fault("this is no object", "write {…}") }
            document.evaluators = evaluators.json.object ?? [:]
        }
        if let usher = part("usher", of: field), usher.object(knowing: ["segments"]),
            let segments = usher.child("segments")
        {
            if segments.json.object == nil { segments.fault("this is no object", "write {…}") }
            for name in (segments.json.object ?? [:]).keys.sorted() {
                guard let segment = segments.child(name) else { continue }
                if !Name.isValid(name) { segment.fault("this is no name", "choose another") }
                document.segments[name] = SegmentDefinition.read(segment)
            }
        }
        return document
    }

    private static func part(_ key: String, of document: Field) -> Field? {
        document.json[key].map { Field(json: $0, path: key, faults: document.faults) }
    }

    private static func flags(_ json: JSON?, _ faults: FaultList) -> [FlagDefinition] {
        let field = Field(json: json ?? .null, path: "flags", faults: faults)
        var pairs: [(String, JSON)] = []
        switch field.json {
        case .object(let members):
            pairs = members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        case .array(let items):
            for (index, item) in items.enumerated() {
                guard var members = item.object, let key = members["key"]?.string else {
                    faults.add("flags[\(index)].key", "the flag has no key", "give it a `key`")
                    continue
                }
                members["key"] = nil
                pairs.append((key, .object(members)))
            }
        default: field.fault("the flags are missing", "give a map of flags, or a list of them")
        }
        if pairs.count > Limits.flagsInSet {
            field.fault("\(pairs.count) flags are too many", "keep to \(Limits.flagsInSet)")
            return []
        }
        var seen: Set<String> = []
        return pairs.compactMap { key, json in
            guard seen.insert(key).inserted else {
                faults.add("flags.\(key.prefix(128))", "the key stands twice", "rename one")
                return nil
            }
            return FlagDefinition.read(key: key, json: json, faults: faults)
        }
    }
}
