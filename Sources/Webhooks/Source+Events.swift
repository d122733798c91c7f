import Crypto
import Entitlements
import Limits

extension Source {
    /// Reads a genuine body: which event it is, and what to ask the provider about.
    ///
    /// Nothing else of the body is kept: it is rendered in a version that we do not choose, it may
    /// be old, and it never changes state.
    ///
    /// - Throws: when it is no event of this source at all. An event that asks for nothing is not
    ///   an error: it says why it is ignored.
    package func read(
        body: [UInt8],
        headers: (String) -> [String] = { _ in [] }
    ) throws(EventProblem) -> IncomingEvent {
        let json = try parse(body)
        guard let shape = definition.event.first(where: { $0.fits(json) }) else {
            throw EventProblem(
                field: "",
                message: "is no event that source \(name) knows",
                remedy: "send only this provider's events to /webhooks/\(name)"
            )
        }
        let type = try type(json, shape)
        let (subjects, ignored) = try meaning(json, shape, type: type)
        return IncomingEvent(
            key: try key(json, shape, body: body, headers: headers),
            alias: shape.alias?.text(in: json).flatMap { EventText.isKey($0) ? $0 : nil },
            type: type,
            livemode: shape.livemode?.value(in: json)?.value.bool,
            account: shape.account?.text(in: json),
            createdAt: shape.createdAt?.value(in: json)
                .flatMap { shape.timeUnit.instant(from: $0.value) },
            subjects: subjects,
            ignored: ignored
        )
    }

    private func parse(_ body: [UInt8]) throws(EventProblem) -> JSON {
        do {
            return try JSON(parsing: body)
        } catch {
            throw EventProblem(
                field: "",
                message: "is no JSON: \(error)",
                remedy: "send the provider's bytes unchanged"
            )
        }
    }

    private func key(
        _ json: JSON,
        _ shape: EventShape,
        body: [UInt8],
        headers: (String) -> [String]
    ) throws(EventProblem) -> String {
        let field: String
        let key: String?
        switch shape.key {
        case .bodyDigest: return TextBytes.hex(of: SHA256.hash(data: body))
        case .pointers(let pointers):
            field = pointers.candidates.joined(separator: " or ")
            key = pointers.text(in: json)
        case .header(let name):
            field = name
            let values = headers(name)
            key = values.count == 1 ? values.first : nil
        }
        guard let key, EventText.isKey(key) else {
            throw EventProblem(
                field: field,
                message: "is no event id",
                remedy: "it must be 1 to \(Limits.providerIDCharacters) visible characters"
            )
        }
        return key
    }

    private func type(_ json: JSON, _ shape: EventShape) throws(EventProblem) -> String {
        var type = ""
        for part in shape.type {
            switch part {
            case .literal(let text): type += text
            case .pointer(let pointer): type += json.at(pointer: pointer)?.string ?? ""
            }
        }
        guard EventText.isType(type) else {
            let pointers = shape.type.compactMap { part in
                if case .pointer(let pointer) = part { pointer } else { nil }
            }
            throw EventProblem(
                field: pointers.joined(separator: " and "),
                message: "is no event type",
                remedy: "it must be 1 to \(Limits.eventTypeCharacters) visible characters"
            )
        }
        return type
    }
}

extension Source {
    private func meaning(
        _ json: JSON,
        _ shape: EventShape,
        type: String
    ) throws(EventProblem) -> (subjects: [Subject], ignored: String?) {
        if let reason = try foreign(json, shape) { return ([], reason) }
        let rule = definition.subjects.first { $0.matches(type: type, shape: shape.name) }
        switch rule?.meaning {
        case nil: return ([], "no rule names the type \(type)")
        case .ignore(let reason): return ([], reason)
        case .look(let places):
            for place in places {
                guard let id = place.pointers.text(in: json) else { continue }
                guard SafeID.holds(id) else {
                    throw EventProblem(
                        field: place.pointers.candidates.joined(separator: " or "),
                        message: "is no id of a \(place.kind.rawValue)",
                        remedy: SafeID.remedy
                    )
                }
                return ([Subject(kind: place.kind, id: id)], nil)
            }
            let kinds = Set(places.map(\.kind.rawValue)).sorted().joined(separator: " or ")
            return ([], "it names no \(kinds)")
        }
    }

    /// Why an event is not about this source's own account and mode; nil when it is.
    private func foreign(_ json: JSON, _ shape: EventShape) throws(EventProblem) -> String? {
        if let (value, pointer) = shape.livemode?.value(in: json) {
            guard let livemode = value.bool else {
                throw EventProblem(
                    field: pointer,
                    message: "is neither true nor false",
                    remedy: "send the provider's bytes unchanged"
                )
            }
            if let wanted = definition.livemode, wanted != livemode {
                return "its livemode is \(livemode), this source takes \(wanted)"
            }
        }
        if let theirs = shape.account?.text(in: json), theirs != account {
            return "it is about another account than this source's"
        }
        return nil
    }
}

/// Texts of an event that are stored and shown.
private enum EventText {
    static func isKey(_ text: String) -> Bool {
        isVisible(text) && text.utf8.count <= Limits.providerIDCharacters
    }

    static func isType(_ text: String) -> Bool {
        isVisible(text) && text.utf8.count <= Limits.eventTypeCharacters
    }

    private static func isVisible(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { 0x21...0x7e ~= $0 }
    }
}
