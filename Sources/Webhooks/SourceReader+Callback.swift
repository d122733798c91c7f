import Limits
import Yams

extension SourceReader {
    mutating func callback(_ root: Fields) -> CallbackPlan? {
        let known = [
            "auth", "headers", "account_header", "fetch", "pages", "more_items", "deleted",
            "customer_id", "gone", "schedule",
        ]
        guard let fields = mapping(root, "callback", known: known) else { return nil }
        let auth = word(fields, "auth", of: CallbackPlan.Authorization.self)
        let headers = headers(fields)
        let accountHeader = optionalHeader(fields, "account_header")
        let fetches = fetches(fields)
        let paging = fields.values["pages"].flatMap { self.paging($0, fields.way(to: "pages")) }
        let moreItems = optionalTemplate(fields, "more_items")
        let schedule = optionalTemplate(fields, "schedule")
        let deleted = optionalPointers(fields, "deleted")
        let customerID = optionalPointers(fields, "customer_id")
        let gone = statuses(fields)
        guard let auth, let fetches else { return nil }
        check(fetches, paging, customerID, moreItems, fields)
        return CallbackPlan(
            authorization: auth,
            headers: headers,
            accountHeader: accountHeader,
            fetches: fetches,
            paging: paging,
            moreItems: moreItems,
            schedule: schedule,
            deleted: deleted,
            customerID: customerID ?? Pointers(candidates: []),
            gone: gone
        )
    }

    /// What the answers will be has to be readable.
    private mutating func check(
        _ fetches: [Subject.Kind: [CallbackPlan.Fetch]],
        _ paging: CallbackPlan.Paging?,
        _ customerID: Pointers?,
        _ moreItems: PathTemplate?,
        _ fields: Fields
    ) {
        let gives = Set(fetches.values.joined().map(\.gives))
        if paging == nil, gives.contains(.subscriptions) || moreItems != nil {
            _ = required(fields, "pages")
        }
        if customerID == nil, gives.contains(.customer) { _ = required(fields, "customer_id") }
    }

    private mutating func headers(_ fields: Fields) -> [CallbackRequest.Header] {
        guard let node = fields.values["headers"] else { return [] }
        let path = fields.way(to: "headers")
        guard let mapping = node.mapping else {
            note(node, path, "is no mapping", "write `Name: value` pairs")
            return []
        }
        return mapping.compactMap { key, value in
            guard let name = key.scalar?.string, HeaderText.isName(name),
                name.lowercased() != "authorization",
                let text = value.scalar?.string, !text.isEmpty, HeaderText.isValue(text)
            else {
                note(
                    key,
                    path,
                    "has a header that cannot be sent as it is",
                    "use a plain name and value; the key is sent by `auth`"
                )
                return nil
            }
            return CallbackRequest.Header(name: name, value: text)
        }
    }

    private mutating func fetches(
        _ fields: Fields
    ) -> [Subject.Kind: [CallbackPlan.Fetch]]? {
        let known = Subject.Kind.allCases
        guard let fetch = mapping(fields, "fetch", known: known.map(\.rawValue)) else {
            return nil
        }
        var fetches: [Subject.Kind: [CallbackPlan.Fetch]] = [:]
        for kind in known where fetch.values[kind.rawValue] != nil {
            fetches[kind] = list(fetch, kind.rawValue).compactMap { self.fetch($0.node, $0.path) }
        }
        if fetches.isEmpty {
            note(fetch.node, fetch.path, "says nothing", "give the calls for a subscription")
        }
        return fetches
    }

    private mutating func fetch(_ node: Node, _ path: String) -> CallbackPlan.Fetch? {
        guard let fields = mapping(node, path, known: ["path", "gives"]) else { return nil }
        let template = required(fields, "path")
            .flatMap { self.template($0, fields.way(to: "path")) }
        let gives = word(fields, "gives", of: CallbackRequest.Purpose.self)
        if gives == .items || gives == .schedule {
            note(
                fields.values["gives"],
                fields.way(to: "gives"),
                "is no call of its own",
                "give its path as callback.more_items or callback.schedule"
            )
        }
        guard let template, let gives else { return nil }
        return CallbackPlan.Fetch(path: template, gives: gives)
    }

    private mutating func optionalTemplate(_ fields: Fields, _ key: String) -> PathTemplate? {
        fields.values[key].flatMap { template($0, fields.way(to: key)) }
    }

    private mutating func template(_ node: Node, _ path: String) -> PathTemplate? {
        guard let text = text(node, path) else { return nil }
        if let template = PathTemplate(text) { return template }
        note(node, path, "`\(text)` is no path", "write an absolute path with one {id}")
        return nil
    }

    private mutating func paging(_ node: Node, _ path: String) -> CallbackPlan.Paging? {
        let known = ["list", "more", "cursor", "entry_id"]
        guard let fields = mapping(node, path, known: known) else { return nil }
        let list = required(fields, "list").flatMap { pointer($0, fields.way(to: "list")) }
        let more = fields.values["more"].flatMap { pointer($0, fields.way(to: "more")) }
        let cursor = more == nil ? optionalText(fields, "cursor") : text(fields, "cursor")
        let entryID = fields.values["entry_id"]
            .flatMap {
                pointer($0, fields.way(to: "entry_id"))
            }
        if let cursor, !HeaderText.isName(cursor) {
            note(fields.values["cursor"], fields.way(to: "cursor"), "is no plain name", "mend it")
        }
        guard let list else { return nil }
        return CallbackPlan.Paging(
            list: list,
            more: more,
            cursor: cursor ?? "",
            entryID: entryID ?? "/id"
        )
    }

    private mutating func statuses(_ fields: Fields) -> Set<Int> {
        guard fields.values["gone"] != nil else { return [404] }
        let statuses = list(fields, "gone")
            .compactMap { entry -> Int? in
                guard let text = text(entry.node, entry.path) else { return nil }
                if let status = Int(text), 400...499 ~= status { return status }
                note(entry.node, entry.path, "`\(text)` is no such status", "use 400 to 499")
                return nil
            }
        return Set(statuses)
    }
}
