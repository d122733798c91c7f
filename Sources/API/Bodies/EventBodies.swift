import Entitlements
import Limits
import Service

extension UsageEvent {
    /// Reads the body of `POST /v1/usage`: CloudEvents, an array of them or one; each by itself.
    ///
    /// - Throws: For what is no list of events; a mistake in one of them is in its place.
    static func list(_ body: JSON) throws(Refusal) -> [Result<UsageEvent, Refusal>] {
        let events: [JSON]
        switch body {
        case .array(let items): events = items
        case .object: events = [body]
        default:
            throw Refusal(
                .invalidField,
                "the body must be a CloudEvent, or an array of them",
                field: "body",
                remedy: "send [{…}]"
            )
        }
        guard !events.isEmpty else {
            throw Refusal(
                .invalidField,
                "the array has no event in it",
                field: "body",
                remedy: "send 1 to \(Limits.usageEvents) events"
            )
        }
        guard events.count <= Limits.usageEvents else {
            throw Refusal(
                .batchTooLarge,
                "\(events.count) events are more than \(Limits.usageEvents)",
                field: "body",
                remedy: "send them in batches of \(Limits.usageEvents)"
            )
        }
        return events.map { event in
            do throws(Refusal) {
                return .success(try UsageEvent(event))
            } catch {
                return .failure(error)
            }
        }
    }

    private init(_ json: JSON) throws(Refusal) {
        let fields = try Fields(cloudEvent: json)
        let version = try fields.required("specversion", fields.string)
        guard version == "1.0" else { throw fields.invalid("specversion", "1.0") }
        let data = try Fields(
            fields.value("data") ?? .object([:]),
            known: ["quantity", "user", "session"],
            path: "data"
        )
        self.init(
            source: try fields.required("source", fields.attribute),
            id: try fields.required("id", fields.attribute),
            feature: try fields.required("type", fields.name),
            account: try fields.required("subject", fields.name),
            time: try fields.instant("time"),
            quantity: try data.quantity("quantity") ?? 1,
            user: try data.name("user"),
            session: try data.text("session", most: Limits.sessionIDCharacters)
        )
    }
}

extension Fields {
    /// A CloudEvent: attributes that nobody here knows are extensions, which others may add.
    ///
    /// - Throws: For a name that no attribute may have, so that a misspelt `Time` is told.
    fileprivate init(cloudEvent json: JSON) throws(Refusal) {
        guard let attributes = json.object else {
            throw Refusal(
                .invalidField,
                "an event must be a JSON object",
                remedy: "send {\"specversion\": \"1.0\", …}"
            )
        }
        if attributes["data_base64"] != nil {
            throw Refusal(
                .invalidField,
                "the data of an event must be JSON",
                field: "data_base64",
                remedy: "send it as data: {\"quantity\": …}"
            )
        }
        let names = attributes.keys.filter { $0.wholeMatch(of: /[a-z0-9]+/) != nil }
        try self.init(json, known: Set(names))
    }

    /// Text that makes an event unique.
    fileprivate func attribute(_ field: String) throws(Refusal) -> String? {
        try text(field)
    }
}

extension [Recorded] {
    /// What became of the events, by their place in the request.
    var json: JSON {
        [
            "accepted": .integer(count(of: .accepted)),
            "duplicates": .integer(count(of: .duplicate)),
            "rejected": .integer(Int64(count(where: { $0.refusal != nil }))),
            "items": .array(
                enumerated()
                    .map { index, recorded in
                        [
                            "index": .integer(Int64(index)), "status": .string(recorded.word),
                            "code": JSON(recorded.refusal?.code.rawValue),
                            "field": JSON(recorded.refusal?.field),
                            "detail": JSON(recorded.refusal?.detail),
                            "remedy": JSON(recorded.refusal?.remedy),
                        ]
                    }
            ),
        ]
    }

    private func count(of outcome: Recorded) -> Int64 {
        Int64(count(where: { $0 == outcome }))
    }
}

extension Recorded {
    fileprivate var refusal: Refusal? {
        guard case .rejected(let refusal) = self else { return nil }
        return refusal
    }

    fileprivate var word: String {
        switch self {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .rejected: "rejected"
        }
    }
}
