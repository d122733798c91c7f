import Yams

extension SourceReader {
    /// The shapes of `event`: one mapping, or a list of them in order of preference.
    mutating func shapes(_ root: Fields) -> [EventShape] {
        list(root, "event").compactMap { shape($0.node, $0.path) }
    }

    private mutating func shape(_ node: Node, _ path: String) -> EventShape? {
        let known = [
            "shape", "when", "id", "alias", "type", "created", "time_unit", "livemode", "account",
        ]
        guard let fields = mapping(node, path, known: known) else { return nil }
        let name = optionalText(fields, "shape") ?? "event"
        let condition = condition(fields, "when")
        let key = eventKey(fields)
        let alias = optionalPointers(fields, "alias")
        let type = typeParts(fields)
        let created = optionalPointers(fields, "created")
        let unit = fields.values["time_unit"]
            .flatMap {
                word($0, fields.way(to: "time_unit"), of: TimeUnit.self)
            }
        if created != nil, unit == nil { _ = required(fields, "time_unit") }
        let livemode = optionalPointers(fields, "livemode")
        let account = optionalPointers(fields, "account")
        guard let key, let type else { return nil }
        return EventShape(
            name: name,
            condition: condition,
            key: key,
            alias: alias,
            type: type,
            createdAt: created,
            timeUnit: unit ?? .seconds,
            livemode: livemode,
            account: account
        )
    }

    private mutating func eventKey(_ fields: Fields) -> EventShape.Key? {
        guard let node = required(fields, "id") else { return nil }
        guard node.mapping != nil else {
            return pointers(node, fields.way(to: "id")).map(EventShape.Key.pointers)
        }
        guard let id = mapping(node, fields.way(to: "id"), known: ["header", "sha256"]) else {
            return nil
        }
        if id.values["header"] != nil {
            return optionalHeader(id, "header").map(EventShape.Key.header)
        }
        guard let what = text(id, "sha256") else { return nil }
        if what == "body" { return .bodyDigest }
        note(node, id.way(to: "sha256"), "`\(what)` cannot be digested", "write sha256: body")
        return nil
    }

    /// One pointer, or `{ join: [...] }` of pointers and the texts between them.
    private mutating func typeParts(_ fields: Fields) -> [EventShape.TypePart]? {
        guard let node = required(fields, "type") else { return nil }
        guard node.mapping != nil else {
            return pointer(node, fields.way(to: "type")).map { [.pointer($0)] }
        }
        guard let type = mapping(node, fields.way(to: "type"), known: ["join"]) else { return nil }
        let parts = list(type, "join")
            .map { entry -> EventShape.TypePart? in
                guard let text = text(entry.node, entry.path) else { return nil }
                guard text.hasPrefix("/") else { return .literal(text) }
                return pointer(entry.node, entry.path).map(EventShape.TypePart.pointer)
            }
        let whole = parts.compactMap(\.self)
        return whole.count == parts.count && !whole.isEmpty ? whole : nil
    }
}

extension SourceReader {
    mutating func subjects(_ root: Fields, shapes: [EventShape]) -> [SubjectRule] {
        let names = shapes.map(\.name)
        return list(root, "subjects").compactMap { rule($0.node, $0.path, shapes: names) }
    }

    private mutating func rule(_ node: Node, _ path: String, shapes: [String]) -> SubjectRule? {
        let known = ["types", "shape", "look", "ignore"]
        guard let fields = mapping(node, path, known: known) else { return nil }
        let types = list(fields, "types").compactMap { pattern($0.node, $0.path) }
        let shape = optionalText(fields, "shape")
        if let shape, !shapes.contains(shape) {
            note(
                fields.values["shape"],
                fields.way(to: "shape"),
                "`\(shape)` is no shape of this file",
                "`event` has \(shapes.joined(separator: ", "))"
            )
        }
        guard let meaning = meaning(fields) else { return nil }
        return SubjectRule(types: types, shape: shape, meaning: meaning)
    }

    private mutating func meaning(_ fields: Fields) -> SubjectRule.Meaning? {
        switch (fields.values["look"], fields.values["ignore"]) {
        case (nil, .some):
            return optionalText(fields, "ignore").map { .ignore(reason: $0) }
        case (.some, nil):
            let entries = list(fields, "look")
            let places = entries.compactMap { place($0.node, $0.path) }
            return places.count == entries.count ? .look(places) : nil
        default:
            note(
                fields.node,
                fields.way(to: "look"),
                "and `ignore` exclude each other",
                "say where to look, or why to ignore"
            )
            return nil
        }
    }

    private mutating func place(_ node: Node, _ path: String) -> SubjectRule.Place? {
        let known = Subject.Kind.allCases.map(\.rawValue)
        guard let fields = mapping(node, path, known: known) else { return nil }
        guard fields.values.count == 1, let key = fields.values.keys.first,
            let kind = Subject.Kind(rawValue: key)
        else {
            note(node, path, "is not one place", "write one of \(known.joined(separator: ", "))")
            return nil
        }
        return pointers(fields, key).map { SubjectRule.Place(kind: kind, pointers: $0) }
    }

    private mutating func pattern(_ node: Node, _ path: String) -> SubjectRule.TypePattern? {
        guard let text = text(node, path) else { return nil }
        let stem = text.hasSuffix("*") ? text.dropLast() : text[...]
        guard !stem.contains("*") else {
            note(node, path, "`\(text)` is no pattern", "put a * at the end, or none")
            return nil
        }
        return stem.count == text.count ? .exactly(text) : .prefix(String(stem))
    }
}
