import Entitlements
import Limits

/// One value of a definition on its way in: with its path, and the list where faults go.
struct Field {
    let json: JSON
    let path: String
    let faults: FaultList

    func fault(_ message: String, _ remedy: String) {
        faults.add(path, message, remedy)
    }

    func child(_ key: String) -> Field? {
        json[key].map { Field(json: $0, path: "\(path).\(key)", faults: faults) }
    }

    /// The members of an object, known ones only; a fault for each other, and for no object.
    func object(knowing keys: [String]) -> Bool {
        guard let members = json.object else {
            fault("this has to be an object", "write {…}")
            return false
        }
        for key in members.keys.sorted() where !keys.contains(key) {
            faults.add(
                "\(path).\(key.prefix(64))",
                "`\(key.prefix(64))` is no known key",
                remedy(
                    for: key,
                    among: keys,
                    otherwise: "use one of \(keys.joined(separator: ", "))"
                )
            )
        }
        return true
    }

    func list(most: Int = Limits.flagParts) -> [Field] {
        guard let items = json.array else {
            fault("this has to be a list", "write […]")
            return []
        }
        if items.count > most { fault("\(items.count) entries are too many", "keep to \(most)") }
        return items.prefix(most).enumerated()
            .map { index, item in
                Field(json: item, path: "\(path)[\(index)]", faults: faults)
            }
    }

    func bool() -> Bool? {
        if json.bool == nil { fault("this has to be true or false", "write it without quotes") }
        return json.bool
    }

    func words(_ most: Int = Limits.flagWordsBytes) -> String? {
        guard let text = json.string, !text.isEmpty, text.utf8.count <= most else {
            fault("this has to be a string of 1 to \(most) bytes", "write a shorter one, in quotes")
            return nil
        }
        return text
    }

    func name() -> String? {
        guard let text = json.string, Name.isValid(text) else {
            fault("this is no name", "use letters, digits, `_`, `.`, `:` and `-`, 1 to 128 of them")
            return nil
        }
        return text
    }

    func instant() -> Instant? {
        guard let instant = json.string.flatMap(Instant.init(rfc3339:)) else {
            fault("this is no time", "write it like 2026-12-01T09:00:00Z")
            return nil
        }
        return instant
    }

    /// A member that has to be there.
    func required(_ key: String, _ remedy: String) -> Field? {
        guard let child = child(key) else {
            faults.add("\(path).\(key)", "`\(key)` is missing", remedy)
            return nil
        }
        return child
    }

    /// A variant of the flag, by its name.
    func variant(of variants: some Collection<String>) -> String? {
        guard let name = json.string else {
            fault("this has to be the name of a variant", "write it in quotes")
            return nil
        }
        guard variants.contains(name) else {
            let known = variants.sorted().prefix(10).map { "`\($0)`" }.joined(separator: ", ")
            fault(
                "`\(name.prefix(Limits.flagVariantNameBytes))` is no variant of the flag",
                remedy(for: name, among: variants, otherwise: "use one of \(known)")
            )
            return nil
        }
        return name
    }

    /// Flat: truths, numbers and texts.
    func metadata() -> [String: JSON] {
        guard let members = json.object else {
            fault("metadata has to be an object", "write {…}")
            return [:]
        }
        if members.count > Limits.flagMetadata {
            fault("\(members.count) entries are too many", "keep to \(Limits.flagMetadata)")
        }
        for key in members.keys.sorted() {
            switch members[key] {
            case .bool, .string, .integer, .number: continue
            default:
                faults.add(
                    "\(path).\(key.prefix(64))",
                    "metadata is flat",
                    "give a string, a number, true or false"
                )
            }
        }
        return members.filter { FlagKind($0.value) != .object && FlagKind($0.value) != nil }
    }
}
