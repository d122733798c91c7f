import Testing

@testable import Catalog

@Suite struct `A mistake in the catalog` {
    @Test(arguments: Mistake.inFeatures)
    func `in features is named`(mistake: Mistake) {
        let text = SampleCatalog.features.replacing(mistake.old, with: mistake.new)
        #expect(text != SampleCatalog.features)
        expect(mistake, file: "plans/features.yaml", SampleCatalog.files(features: text))
    }

    @Test(arguments: Mistake.inPlan)
    func `in a plan is named`(mistake: Mistake) {
        let text = SampleCatalog.pro.replacing(mistake.old, with: mistake.new)
        #expect(text != SampleCatalog.pro)
        expect(mistake, file: "plans/pro.yaml", SampleCatalog.files(pro: text))
    }

    @Test(arguments: Mistake.inAddon)
    func `in an add-on is named`(mistake: Mistake) {
        let text = SampleCatalog.extra.replacing(mistake.old, with: mistake.new)
        #expect(text != SampleCatalog.extra)
        expect(mistake, file: "plans/extra.yaml", SampleCatalog.files(extra: text))
    }

    @Test func `between two files is named in the later one`() {
        let extra = SampleCatalog.extra.replacing("addon: extra", with: "addon: pro")
            .replacing("entitlements:", with: "billing: { stripe: [price_year] }\nentitlements:")
        let problems = SampleCatalog.problems(SampleCatalog.files(extra: extra))
        #expect(problems.map(\.file) == ["plans/pro.yaml", "plans/pro.yaml"])
        #expect(problems.map(\.line) == [1, 17])
        #expect(
            problems.map(\.message) == [
                "`pro` is defined in plans/extra.yaml already",
                "the price `price_year` belongs to `pro` already",
            ]
        )
    }

    private func expect(_ mistake: Mistake, file: String?, _ files: [CatalogFile]) {
        let problems = SampleCatalog.problems(files)
        let found = problems.contains { problem in
            let isThere =
                problem.field == mistake.field
                && (mistake.line == nil || problem.line == mistake.line)
                && (file == nil || problem.file == file)
            return isThere && "\(problem.message); \(problem.remedy)".contains(mistake.says)
        }
        #expect(found, "found: \(problems)")
        #expect(problems.allSatisfy { !$0.message.isEmpty && !$0.remedy.isEmpty })
    }

    @Test func `does not hide the others`() {
        let pro = SampleCatalog.pro
            .replacing("days: 14", with: "days: 0")
            .replacing("sso: true", with: "sso: 1")
            .replacing("limit: 50,", with: "limit: x,")
        let features = SampleCatalog.features.replacing("type: rate", with: "type: rat")
        let free = SampleCatalog.free.replacing("default: true", with: "defualt: true")
        let files = SampleCatalog.files(features: features, free: free, pro: pro)
        #expect(
            SampleCatalog.problems(files).map(\.description) == [
                "default: no plan is the default; write `default: true` in the plan that an account "
                    + "without a subscription has",
                "plans/features.yaml:10: features.search.type: has the unknown value `rat`; "
                    + "did you mean `rate`?",
                "plans/free.yaml:2: defualt: unknown key `defualt`; did you mean `default`?",
                "plans/pro.yaml:4: trial.days: is the number 0, not a whole number in range; "
                    + "write a number from 1 to 730, without quotes",
                "plans/pro.yaml:7: entitlements.sso: `sso` is a boolean feature, but this is "
                    + "the number 1; write true or false",
                "plans/pro.yaml:13: entitlements.disk.limit: is the text `x`, not a limit; "
                    + "write a whole number from 0 to 9007199254740991, or `unlimited`",
            ]
        )
    }

    @Test func `in the set of files is named`() {
        let files = SampleCatalog.files()
        #expect(SampleCatalog.problems(files) == [])
        let missing = SampleCatalog.problems(Array(files.dropFirst()))
        #expect(missing.map(\.field) == ["features"])
        let twice = files + [CatalogFile(path: "old/features.yaml", text: SampleCatalog.features)]
        #expect(SampleCatalog.problems(twice).map(\.field) == ["features"])
        let short = files + [CatalogFile(path: "plans/team.yml", text: "plan: team")]
        #expect(SampleCatalog.problems(short).map(\.remedy) == ["rename it to end in .yaml"])
        let empty = files + [CatalogFile(path: "plans/team.yaml", text: "# nothing yet\n")]
        #expect(SampleCatalog.problems(empty).map(\.message) == ["the file is empty"])
    }

    @Test func `cannot make the reader run for long`() {
        let lists = (1...7)
            .map {
                "  l\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ","))]"
            }
        let bomb = "name: x\nplan:\n  l0: &a0 [x]\n" + lists.joined(separator: "\n")
        let large = "plan: x # " + String(repeating: "x", count: 300_000)
        let deep = "plan: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        for text in [bomb, large, deep] {
            let problems = SampleCatalog.problems(SampleCatalog.files(extra: text))
            #expect(problems.count == 1 && problems.first?.file == "plans/extra.yaml")
        }
    }
}
