import Entitlements
import Limits

/// Whether flags that wait for flags wait for something that can happen.
struct PrerequisiteCheck {
    let flags: [String: FlagDefinition]
    let faults: FaultList

    func run() {
        for key in flags.keys.sorted() {
            guard let flag = flags[key] else { continue }
            for (index, prerequisite) in flag.usher.prerequisites.enumerated() {
                check(prerequisite, at: "flags.\(key).usher.prerequisites[\(index)]")
            }
        }
        var depths: [String: Int] = [:]
        for key in flags.keys.sorted() { _ = depth(of: key, behind: [], &depths) }
    }

    private func check(_ prerequisite: UsherSection.Prerequisite, at path: String) {
        guard let other = flags[prerequisite.flag] else {
            return faults.add(
                "\(path).flag",
                "there is no flag `\(prerequisite.flag)`",
                remedy(
                    for: prerequisite.flag,
                    among: flags.keys,
                    otherwise: "make it first, or drop the prerequisite"
                )
            )
        }
        for name in prerequisite.variants where other.variants[name] == nil {
            faults.add(
                path,
                "`\(name.prefix(Limits.flagVariantNameBytes))` is no variant of `\(other.key)`",
                remedy(for: name, among: other.variants.keys, otherwise: "name one that it has")
            )
        }
    }

    /// How many flags wait behind a flag; faults for a ring, and for too long a chain.
    private func depth(
        of key: String,
        behind path: [String],
        _ depths: inout [String: Int]
    ) -> Int {
        if let known = depths[key] { return known }
        if let start = path.firstIndex(of: key) {
            let ring = (path[start...] + [key]).joined(separator: " → ")
            faults.add(
                "flags.\(key).usher.prerequisites",
                "flags wait for each other: \(ring)",
                "drop one of these prerequisites"
            )
            return 0
        }
        guard path.count <= Limits.flagPrerequisiteDepth else {
            faults.add(
                "flags.\(path.first ?? key).usher.prerequisites",
                "more than \(Limits.flagPrerequisiteDepth) flags wait behind each other",
                "shorten the chain"
            )
            return 0
        }
        let behind = flags[key]?.usher.prerequisites.map(\.flag) ?? []
        let deepest = behind.map { depth(of: $0, behind: path + [key], &depths) + 1 }.max() ?? 0
        depths[key] = deepest
        return deepest
    }
}
