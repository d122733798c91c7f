package import Entitlements

extension CatalogDefinition {
    /// Reads the files of a catalog: `features.yaml`, and one file a plan or add-on.
    ///
    /// Files that are no part of a catalog (`CatalogFile.isCatalogFile`) are passed over. Throws
    /// every problem of every file at once, in the order of files and lines.
    package init(parsing files: [CatalogFile]) throws(CatalogProblems) {
        let problems = ProblemList()
        let reader = FeatureReader(problems: problems)
        let files = files.filter { CatalogFile.isCatalogFile($0.path) }.sorted { $0.path < $1.path }
        for file in files where file.path.hasSuffix(".yml") {
            let place = Place(file: file.path, line: nil, field: "")
            problems.add(place, "the file's name ends in .yml", "rename it to end in .yaml")
        }
        let readable = files.filter { !$0.path.hasSuffix(".yml") }
        let featureFiles = readable.filter(\.isFeatures)
        if featureFiles.count != 1 {
            let place = Place(file: featureFiles.last?.path, line: nil, field: "features")
            let count = featureFiles.isEmpty ? "no" : "more than one"
            problems.add(place, "there is \(count) features.yaml", "define all features in one")
        }
        let features = featureFiles.first.flatMap { file in
            Located.read(file, problems: problems)
                .flatMap {
                    reader.read($0, at: Place(file: file.path, line: $0.line ?? 1, field: ""))
                }
        }
        let planReader = PlanReader(features: features, problems: problems)
        let plans = readable.filter { !$0.isFeatures }
            .compactMap { file in
                Located.read(file, problems: problems)
                    .flatMap {
                        planReader.read(
                            $0,
                            at: Place(file: file.path, line: $0.line ?? 1, field: "")
                        )
                    }
            }
        try self.init(features, plans, problems)
    }

    /// Reads a catalog from the value that `json` writes, as strictly as from files; problems then
    /// name fields instead of lines.
    package init(json: JSON) throws(CatalogProblems) {
        let problems = ProblemList()
        let top = Place(file: nil, line: nil, field: "")
        let shape = "send { \"features\": { … }, \"plans\": [ … ] }"
        let fields = Fields(Located(json: json), at: top, problems, remedy: shape)
        fields?.refuse(except: ["features", "plans"])
        let features = fields?.find("features")
            .flatMap {
                FeatureReader(problems: problems).readList($0.node, at: $0.place)
            }
        var plans: [ReadPlan] = []
        if let (node, place) = fields?.find("plans"), case .list(let nodes) = node.value {
            let reader = PlanReader(features: features, problems: problems)
            plans = nodes.enumerated()
                .compactMap { index, node in
                    reader.read(node, at: place.child(String(index), line: nil))
                }
        } else if fields != nil {
            problems.add(top.child("plans", line: nil), "is missing, or not a list", shape)
        }
        if fields != nil, fields?.find("features") == nil {
            problems.add(top.child("features", line: nil), "is missing", shape)
        }
        try self.init(features, plans, problems)
    }

    private init(
        _ features: [String: Feature?]?,
        _ plans: [ReadPlan],
        _ problems: ProblemList
    ) throws(CatalogProblems) {
        CatalogChecks(plans: plans, features: features ?? [:], problems: problems).run()
        guard problems.all.isEmpty else { throw CatalogProblems(problems.sorted) }
        let features = (features ?? [:]).values.compactMap(\.self)
        self.init(features: features, plans: plans.map(\.definition))
    }
}
