import Entitlements
import Limits
import Store

/// What the table refuses too, told before it is asked, by field.
extension GrantRequest {
    /// What the grant gives of a feature, in the feature's type.
    func amount(of feature: Feature) throws(Refusal) -> (value: JSON?, limit: Quantity?) {
        guard effect == .allow else {
            try checkBareness()
            return (nil, nil)
        }
        switch feature.kind {
        case .boolean:
            try refuseLimit(of: feature)
            guard value ?? true == true else {
                throw invalid("value", "true, or left out: to close \(feature.id) use effect deny")
            }
            return (value, nil)
        case .config:
            try refuseLimit(of: feature)
            return (try config(feature.valueType ?? .string, of: feature), nil)
        case .metered, .rate, .level, .seats, .concurrency:
            return (nil, try counted(feature))
        }
    }

    /// When the grant is in force, in the account's time.
    ///
    /// A deny counts by the earlier of the two clocks, so that taking a test clock away opens
    /// nothing.
    func window(
        in state: AccountState
    ) throws(Refusal) -> (from: Instant, until: Instant?) {
        let (start, end) = try RequestedWindow(
            subject: "the grant",
            from: from,
            to: to,
            lifetime: lifetime
        )
        .resolved(at: state.at)
        guard from == nil, effect == .deny else { return (start, end) }
        return (min(state.at, state.now), end)
    }

    private func checkBareness() throws(Refusal) {
        let field = value != nil ? "value" : limit != nil ? "limit" : mode != nil ? "mode" : nil
        guard let field else { return }
        throw Refusal(
            .invalidField,
            "a deny takes no \(field)",
            field: field,
            remedy: "leave it out: a deny closes the feature whole"
        )
    }

    private func refuseLimit(of feature: Feature) throws(Refusal) {
        guard limit != nil else { return }
        throw Refusal(
            .invalidField,
            "\(feature.id) is of type \(feature.kind.rawValue), which has no limit",
            field: "limit",
            remedy: feature.kind == .boolean ? "leave it out" : "give value"
        )
    }

    private func config(_ type: Feature.ValueType, of feature: Feature) throws(Refusal) -> JSON {
        guard let value else { throw missing("value", of: feature, "what it is worth") }
        switch (type, value) {
        case (.boolean, .bool), (.string, .string), (.integer, .integer), (.number, .integer):
            return value
        case (.integer, .number(let number)), (.number, .number(let number)):
            // 2.0 and 2 are one value, as they are in the catalog.
            if let whole = Int64(exactly: number) { return .integer(whole) }
            if type == .number { return value }
        default: break
        }
        let article = type == .integer ? "an" : "a"
        throw invalid("value", "\(article) \(type.rawValue), the type of \(feature.id)")
    }

    private func counted(_ feature: Feature) throws(Refusal) -> Quantity {
        if value != nil {
            throw Refusal(
                .invalidField,
                "\(feature.id) is counted, and takes a limit",
                field: "value",
                remedy: "give limit"
            )
        }
        guard let limit else { throw missing("limit", of: feature, "how much it allows") }
        let field = session != nil ? "session" : user != nil ? "user" : nil
        if let field, !feature.takesOwn(mode ?? .replace) {
            let mayReplace = feature.takesOwn(.replace)
            throw Refusal(
                .invalidField,
                "\(feature.id) is counted for the whole account",
                field: field,
                remedy: "leave \(field) out" + (mayReplace ? ", or let the grant replace" : "")
            )
        }
        return limit
    }

    private func invalid(_ field: String, _ expected: String) -> Refusal {
        Refusal(
            .invalidField,
            "\(field) must be \(expected)",
            field: field,
            remedy: "send \(expected)"
        )
    }

    private func missing(_ field: String, of feature: Feature, _ what: String) -> Refusal {
        Refusal(
            .missingField,
            "a grant of \(feature.id), of type \(feature.kind.rawValue), must say \(what)",
            field: field,
            remedy: field == "limit" ? "give limit: a number, or \"unlimited\"" : "give value"
        )
    }
}
