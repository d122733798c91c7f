import Entitlements

/// Who plays in a run of the demo; ids are new each time, so that it can be repeated.
struct DemoCast: Sendable {
    let account: String
    let customer: String
    let subscription: String
    let plan: String
    let feature: String
    /// What the provider calls the plan.
    let price: String

    /// - Throws: That the catalog has no such plan, or no price for it.
    init(catalog: JSON, plan: String, feature: String, source: String) throws(CommandFailure) {
        let plans = catalog["plans"]?.array ?? []
        guard let found = plans.first(where: { $0["plan"]?.string == plan }) else {
            throw CommandFailure(
                "The catalog in force has no plan '\(plan)'. "
                    + "Apply one (usher catalog apply), or choose another with --plan."
            )
        }
        guard let price = found["billing"]?[source]?[0]?.string else {
            throw CommandFailure(
                "The plan '\(plan)' has no price at \(source). "
                    + "List one under `billing:` in its file, or choose another with --plan."
            )
        }
        let id = Unique.name("")
        account = "demo-\(id)"
        customer = "cus_demo\(id)"
        subscription = "sub_demo\(id)"
        self.plan = plan
        self.feature = feature
        self.price = price
    }
}
