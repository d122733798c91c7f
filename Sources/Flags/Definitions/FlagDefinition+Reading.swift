package import Entitlements
import Limits

extension FlagDefinition {
    /// Reads one flag.
    ///
    /// What it refers to is checked by the set that it goes into.
    package init(key: String, json: JSON) throws(FlagFaults) {
        let faults = FaultList()
        let definition = FlagDefinition.read(key: key, json: json, faults: faults)
        guard let definition, faults.all.isEmpty else { throw FlagFaults(all: faults.all) }
        self = definition
    }

    /// Reads what can be read; nil only where the flag cannot be evaluated at all.
    static func read(key: String, json: JSON, faults: FaultList) -> FlagDefinition? {
        let field = Field(json: json, path: "flags.\(key.prefix(128))", faults: faults)
        if !Name.isValid(key) {
            field.fault(
                "this is no key",
                "use letters, digits, `_`, `.`, `:` and `-`, 1 to 128 of them"
            )
        }
        guard field.object(knowing: knownKeys) else { return nil }
        if json.description.utf8.count > Limits.flagBytes {
            field.fault("the flag is too large", "keep it to \(Limits.flagBytes) bytes")
            return nil
        }
        let isEnabled = state(field)
        let variants = variants(field)
        // Also where they are at fault themselves, so that all is told at once.
        let given = variants?.values ?? json["variants"]?.object ?? [:]
        let names = given.keys.sorted()
        let defaultVariant = defaultVariant(field, names)
        let usher = field.child("usher").map { UsherSection.read($0, variants: names) }
        guard let isEnabled, let variants else { return nil }
        return FlagDefinition(
            key: key,
            isEnabled: isEnabled,
            variants: variants.values,
            kind: variants.kind,
            defaultVariant: defaultVariant,
            targeting: targeting(field),
            metadata: field.child("metadata")?.metadata() ?? [:],
            usher: usher ?? UsherSection(),
            json: json
        )
    }

    private static let knownKeys = [
        "state", "variants", "defaultVariant", "targeting", "metadata", "usher",
    ]

    private static func state(_ field: Field) -> Bool? {
        guard let state = field.required("state", "give ENABLED or DISABLED") else { return nil }
        switch state.json {
        case "ENABLED": return true
        case "DISABLED": return false
        default:
            state.fault("this is no state", "give ENABLED or DISABLED")
            return nil
        }
    }

    private static func targeting(_ field: Field) -> JSON? {
        switch field.child("targeting")?.json {
        case nil, .null, .object([:]): return nil
        case .object(let rule): return .object(rule)
        default:
            field.child("targeting")?.fault("a rule is an object", "write {\"if\": […]}")
            return nil
        }
    }

    private static func defaultVariant(_ field: Field, _ names: [String]) -> String? {
        guard let named = field.child("defaultVariant"), !named.json.isNull else { return nil }
        _ = named.variant(of: names)
        // Kept as well where it names none: the evaluation says so then.
        return named.json.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension FlagDefinition {
    private static func variants(
        _ field: Field
    ) -> (kind: FlagKind, values: [String: JSON])? {
        guard let given = field.required("variants", "give at least one") else { return nil }
        guard let members = given.json.object, !members.isEmpty else {
            given.fault("variants are an object of at least one", "write {\"on\": true}")
            return nil
        }
        if members.count > Limits.flagVariants {
            given.fault("\(members.count) are too many", "keep to \(Limits.flagVariants)")
            return nil
        }
        var kinds: [FlagKind] = []
        for name in members.keys.sorted() {
            guard let variant = given.child(name) else { continue }
            check(name: name, of: variant)
            guard let kind = kind(of: variant) else { continue }
            kinds.append(kind)
        }
        guard kinds.count == members.count, let first = kinds.first else { return nil }
        return typed(members, kinds, first, given)
    }

    private static func typed(
        _ members: [String: JSON],
        _ kinds: [FlagKind],
        _ first: FlagKind,
        _ given: Field
    ) -> (kind: FlagKind, values: [String: JSON])? {
        if kinds.allSatisfy({ $0 == first }) { return (first, members) }
        guard kinds.allSatisfy({ $0 == .integer || $0 == .float }) else {
            let words = Set(kinds.map(\.rawValue)).sorted().joined(separator: " and ")
            given.fault("the variants are of types \(words)", "give all the same type")
            return nil
        }
        // One float makes a float flag, and 10 is written 10.0 from then on.
        return (.float, members.mapValues { $0.number.map(JSON.number) ?? $0 })
    }

    private static func check(name: String, of variant: Field) {
        guard !(1...Limits.flagVariantNameBytes).contains(name.utf8.count) else { return }
        variant.fault(
            "the name of a variant has 1 to \(Limits.flagVariantNameBytes) bytes",
            "choose another"
        )
    }

    private static func kind(of variant: Field) -> FlagKind? {
        if let number = variant.json.number, abs(number) > Double(Limits.flagNumber) {
            variant.fault("the number is too large", "keep it within ±\(Limits.flagNumber)")
        }
        guard let kind = FlagKind(variant.json) else {
            variant.fault(
                "\(variant.json.isNull ? "null" : "a list") is no value of a flag",
                "give a boolean, a string, a number or an object"
            )
            return nil
        }
        return kind
    }
}
