import Entitlements
import Limits

extension UsherSection {
    static func read(_ field: Field, variants: [String]) -> UsherSection {
        var section = UsherSection()
        guard field.object(knowing: knownKeys) else { return section }
        section.readWords(field)
        section.offVariant = field.child("off_variant")?.variant(of: variants)
        section.prerequisites = field.child("prerequisites")?.list().compactMap(prerequisite) ?? []
        section.targets =
            field.child("targets")?.list().compactMap { target($0, variants) } ?? []
        section.schedule = field.child("schedule")?.list().compactMap(window) ?? []
        section.seasons = field.child("season")?.list().compactMap(season) ?? []
        section.rollout = field.child("rollout").flatMap { rollout($0, variants) }
        return section
    }

    private static let knownKeys = [
        "bucketing", "salt", "owner", "description", "tags", "expires", "permanent", "off_variant",
        "prerequisites", "targets", "schedule", "season", "rollout",
    ]

    private mutating func readWords(_ field: Field) {
        if let given = field.child("bucketing") {
            if let known = given.json.string.flatMap(Bucketing.init(rawValue:)) {
                bucketing = known
            } else {
                given.fault("there is no such bucketing", "use flagd/3, or flagd/2 for older flags")
            }
        }
        salt = field.child("salt")?.words(Limits.flagVariantNameBytes)
        owner = field.child("owner")?.words()
        description = field.child("description")?.words()
        tags = field.child("tags")?.list(most: Limits.flagTags).compactMap { $0.name() } ?? []
        isPermanent = field.child("permanent")?.bool() ?? false
        if let given = field.child("expires") {
            expires = given.json.string.flatMap { Instant(rfc3339: "\($0)T00:00:00Z") }
            if expires == nil { given.fault("this is no day", "write it like 2027-03-01") }
        }
    }

    private static func prerequisite(_ field: Field) -> Prerequisite? {
        guard field.object(knowing: ["flag", "variant", "variants"]),
            let flag = field.required("flag", "name the flag")?.name()
        else { return nil }
        let one = field.child("variant").flatMap { $0.words() }
        let many = field.child("variants")?.list(most: Limits.flagVariants)
            .compactMap { $0.words() }
        guard (one == nil) != (many == nil) else {
            field.fault("the variant is missing, or given twice", "give `variant` or `variants`")
            return nil
        }
        return Prerequisite(flag: flag, variants: one.map { [$0] } ?? many ?? [])
    }

    private static func target(_ field: Field, _ variants: [String]) -> Target? {
        guard field.object(knowing: ["variant", "users", "accounts", "sessions"]) else {
            return nil
        }
        let members = Members.read(field)
        guard let variant = field.required("variant", "name it")?.variant(of: variants) else {
            return nil
        }
        return Target(variant: variant, members: members)
    }

    private static func window(_ field: Field) -> Window? {
        guard field.object(knowing: ["from", "to", "state"]) else { return nil }
        let from = field.child("from").flatMap { $0.instant() }
        let to = field.child("to").flatMap { $0.instant() }
        if let from, let to, to <= from {
            field.fault("the window ends before it begins", "put `to` after `from`")
            return nil
        }
        if from == nil, to == nil {
            field.fault("the window has no end on either side", "give `from`, `to` or both")
            return nil
        }
        switch field.child("state")?.json {
        case nil, "on": return Window(from: from, to: to, isOn: true)
        case "off": return Window(from: from, to: to, isOn: false)
        default:
            field.child("state")?.fault("a window is on or off", "give \"on\" or \"off\"")
            return nil
        }
    }
}

extension UsherSection {
    private static func season(_ field: Field) -> Season? {
        guard field.object(knowing: ["from", "to", "zone"]),
            let from = field.required("from", "give a day like 12-01").flatMap(day),
            let to = field.required("to", "give a day like 12-26").flatMap(day)
        else { return nil }
        let zone = field.child("zone").map { $0.json.string.flatMap(Zone.init(named:)) } ?? .utc
        guard let zone else {
            field.child("zone")?.fault("there is no such zone", "name one like Europe/Berlin")
            return nil
        }
        return Season(from: from, to: to, zone: zone)
    }

    private static func day(_ field: Field) -> Season.Day? {
        let parts = field.json.string?.split(separator: "-", omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
            let month = Int64(parts[0]), let day = Int64(parts[1]),
            WallClock(year: 2_000, month: month, day: day) != nil
        else {
            field.fault("this is no day of the year", "write month and day like 12-01")
            return nil
        }
        return Season.Day(month: month, day: day)
    }

    private static func rollout(_ field: Field, _ variants: [String]) -> Rollout? {
        guard field.object(knowing: ["variant", "unit", "steps"]) else { return nil }
        let variant = field.required("variant", "name it")?.variant(of: variants)
        let unit = field.child("unit").map { $0.words(Limits.flagVariantNameBytes) }
        let given = field.required("steps", "give at least one")
        let steps = given?.list().compactMap(step) ?? []
        if let given, given.json.array?.isEmpty == true {
            given.fault("a rollout has steps", "give at least one")
        }
        for index in steps.indices.dropFirst() where steps[index].at <= steps[index - 1].at {
            given?.fault("the steps are not in the order of their times", "sort them by `at`")
            break
        }
        guard let variant, !steps.isEmpty, unit != .some(.none) else { return nil }
        return Rollout(
            variant: variant,
            unit: (unit ?? nil) ?? "targetingKey",
            steps: steps.sorted { $0.at < $1.at }
        )
    }

    private static func step(_ field: Field) -> Rollout.Step? {
        guard field.object(knowing: ["at", "percent"]) else { return nil }
        let at = field.required("at", "give a time").flatMap { $0.instant() }
        guard let percent = field.required("percent", "give 0 to 100") else { return nil }
        let thousandths = (percent.json.number ?? -1) * 1_000
        // 0.1 % is 100 thousandths, and in binary a little more or less than that.
        guard (0...100_000).contains(thousandths),
            abs(thousandths - thousandths.rounded()) < 1e-6
        else {
            percent.fault(
                "\(String(percent.json.description.prefix(64))) is no percentage",
                "give 0 to 100, with three decimals at most"
            )
            return nil
        }
        return at.map { Rollout.Step(at: $0, share: Int64(thousandths.rounded())) }
    }
}

extension Members {
    static func read(_ field: Field) -> Members {
        var members = Members()
        members.users = names(field.child("users"))
        members.accounts = names(field.child("accounts"))
        members.sessions = names(field.child("sessions"))
        return members
    }

    private static func names(_ field: Field?) -> Set<String> {
        Set(field?.list(most: Limits.flagMembers).compactMap { $0.name() } ?? [])
    }
}

extension SegmentDefinition {
    static func read(_ field: Field) -> SegmentDefinition {
        _ = field.object(knowing: ["users", "accounts", "sessions", "rule", "excluded"])
        let excluded = field.child("excluded")
        _ = excluded?.object(knowing: ["users", "accounts", "sessions"])
        return SegmentDefinition(
            members: Members.read(field),
            excluded: excluded.map(Members.read) ?? Members(),
            rule: field.child("rule")?.json
        )
    }
}
