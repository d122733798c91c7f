import Entitlements
import Limits
import Service

/// A JSON object of a request, read strictly: unknown fields and wrong types are refused by name.
///
/// `null` counts as absent.
struct Fields {
    private let object: [String: JSON]
    private let path: String

    /// - Throws: `malformed_json`, `invalid_field` for anything but an object, `unknown_field`.
    init(_ body: JSON, known: Set<String>, path: String = "") throws(Refusal) {
        guard let object = body.object else {
            throw Refusal(
                .invalidField,
                "\(path.isEmpty ? "the body" : path) must be a JSON object",
                field: path.isEmpty ? "body" : path,
                remedy: "send {…}"
            )
        }
        self.object = object
        self.path = path
        guard let stranger = object.keys.filter({ !known.contains($0) }).min() else { return }
        throw Refusal(
            .unknownField,
            "there is no field \(stranger)",
            field: place(stranger),
            remedy: "known are: \(known.sorted().joined(separator: ", "))"
        )
    }

    func value(_ field: String) -> JSON? {
        guard let value = object[field], !value.isNull else { return nil }
        return value
    }

    /// A value that must be there.
    func required<Value>(
        _ field: String,
        _ read: (String) throws(Refusal) -> Value?
    ) throws(Refusal) -> Value {
        if object[field] == .null { throw invalid(field, "a value, not null") }
        guard let value = try read(field) else {
            throw Refusal(
                .missingField,
                "the field \(field) is missing",
                field: place(field),
                remedy: "add it to the body"
            )
        }
        return value
    }

    /// A name: `[A-Za-z0-9_.:-]{1,128}`.
    func name(_ field: String) throws(Refusal) -> String? {
        guard let text = try string(field) else { return nil }
        try checkName(text, field: place(field))
        return text
    }

    /// Free text of 1 to 1,024 characters.
    func text(_ field: String, most: Int = Limits.textCharacters) throws(Refusal) -> String? {
        guard let text = try string(field) else { return nil }
        guard 1...most ~= text.unicodeScalars.count, !text.unicodeScalars.contains("\0") else {
            throw invalid(field, "1 to \(most) characters, none of them NUL")
        }
        return text
    }

    func string(_ field: String) throws(Refusal) -> String? {
        guard let value = value(field) else { return nil }
        guard let text = value.string else { throw invalid(field, "a string") }
        return text
    }

    func integer(_ field: String, in range: ClosedRange<Int64>) throws(Refusal) -> Int64? {
        guard let value = value(field) else { return nil }
        guard let number = value.integer ?? value.wholeNumber, range ~= number else {
            throw invalid(field, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func bool(_ field: String) throws(Refusal) -> Bool? {
        guard let value = value(field) else { return nil }
        guard let flag = value.bool else { throw invalid(field, "true or false") }
        return flag
    }

    func instant(_ field: String) throws(Refusal) -> Instant? {
        guard let value = value(field) else { return nil }
        guard let text = value.string, let instant = Instant(rfc3339: text) else {
            throw invalid(field, "an RFC 3339 time, such as 2026-11-23T15:04:05Z")
        }
        return instant
    }

    func object(_ field: String) throws(Refusal) -> [String: JSON]? {
        guard let value = value(field) else { return nil }
        guard let object = value.object else { throw invalid(field, "an object") }
        return object
    }

    /// Any JSON object, as it is kept: Postgres has no room for a NUL in text.
    func document(_ field: String) throws(Refusal) -> [String: JSON]? {
        guard let object = try object(field) else { return nil }
        guard !JSON.object(object).holdsNUL else {
            throw invalid(field, "an object without the character NUL in any text")
        }
        return object
    }

    func array(_ field: String) throws(Refusal) -> [JSON]? {
        guard let value = value(field) else { return nil }
        guard let array = value.array else { throw invalid(field, "an array") }
        return array
    }

    /// One of a type's words.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ field: String
    ) throws(Refusal) -> Word? {
        guard let text = try string(field) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(field, "one of: \(words)")
        }
        return word
    }

    /// The refusal of a value that is not what a field takes.
    func invalid(_ field: String, _ expected: String) -> Refusal {
        Refusal(
            .invalidField,
            "\(field) must be \(expected)",
            field: place(field),
            remedy: "send \(expected)"
        )
    }

    private func place(_ field: String) -> String {
        path.isEmpty ? field : "\(path).\(field)"
    }
}

/// - Throws: `invalid_name`.
func checkName(_ text: String, field: String) throws(Refusal) {
    guard Name.isValid(text) else {
        throw Refusal(
            .invalidName,
            "\(field) must be 1 to \(Limits.nameCharacters) of A-Z a-z 0-9 _ . : -",
            field: field,
            remedy: "use another name"
        )
    }
}

extension JSON {
    /// Whether any text in it, keys included, holds a NUL.
    var holdsNUL: Bool {
        switch self {
        case .null, .bool, .integer, .number: false
        case .string(let text): text.utf8.contains(0)
        case .array(let items): items.contains(where: \.holdsNUL)
        case .object(let members):
            members.contains { $0.key.utf8.contains(0) || $0.value.holdsNUL }
        }
    }

    /// `5.0` and `5e0` are whole numbers as much as `5` is.
    fileprivate var wholeNumber: Int64? { number.flatMap(Int64.init(exactly:)) }

    /// Parses a request's body.
    init(body: [UInt8]) throws(Refusal) {
        do {
            self = try JSON(parsing: body)
        } catch {
            throw Refusal(
                .malformedJSON,
                "the body is no JSON: \(error)",
                field: "body",
                remedy: "send valid JSON in UTF-8, each key once"
            )
        }
    }
}
