import Entitlements
import Foundation
import HTTPTypes
import Hummingbird
import Limits
import NIOCore
import Service
import Store

/// A management call: its parameters, its body, and who makes it.
struct Call: Sendable {
    let request: Request
    let context: EdgeContext
    let author: Author

    /// Reads who calls before anything else is looked at.
    ///
    /// - Throws: 401 or 403.
    init(
        _ request: Request,
        _ context: EdgeContext,
        scope: Scope,
        usher: UsherService
    ) async throws {
        self.request = request
        self.context = context
        author = try await usher.authorize(
            Self.caller(of: request),
            for: scope,
            requestID: context.requestID
        )
    }

    /// The digest of the bearer key; nil without one, or with any other scheme.
    static func caller(of request: Request) -> KeyDigest? {
        let values = request.headers[values: .authorization]
        guard values.count == 1 else { return nil }
        let parts = values[0].split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return KeyDigest(of: String(parts[1]))
    }

    /// A path parameter that is a name.
    func name(_ parameter: String) throws(Refusal) -> String {
        let text = try self.text(inPath: parameter)
        try checkName(text, field: parameter)
        return text
    }

    /// A path parameter as sent, percent-decoded.
    func text(inPath parameter: String) throws(Refusal) -> String {
        guard
            let raw = context.parameters.get(parameter),
            let text = raw.removingPercentEncoding
        else {
            throw Refusal(
                .invalidName,
                "\(parameter) in the path is not valid UTF-8",
                field: parameter,
                remedy: "percent-encode it as UTF-8"
            )
        }
        return text
    }

    /// An id that ends in the account of the path; one that nothing of the account could have is as
    /// unknown as one that nothing has.
    func accountedID(
        inPath parameter: String,
        orElse unknown: (_ id: String, _ account: String) -> Refusal
    ) throws(Refusal) -> String {
        let id = try text(inPath: parameter)
        let account = try name("account")
        let head = id.prefix(Limits.sessionIDCharacters - Limits.nameCharacters)
        guard id == head + account, Name.isValid(head) else {
            throw unknown(String(id.prefix(Limits.sessionIDCharacters)), account)
        }
        return id
    }

    /// A query parameter; one that is given twice is refused.
    func query(_ parameter: String) throws(Refusal) -> String? {
        try Self.query(of: request, parameter)
    }

    /// A query parameter that is one of a type's words.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        inQuery parameter: String
    ) throws(Refusal) -> Word? {
        guard let text = try query(parameter) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(
                .invalidField,
                "\(parameter) must be one of: \(words)",
                field: parameter,
                remedy: "send one of: \(words)"
            )
        }
        return word
    }

    static func query(of request: Request, _ parameter: String) throws(Refusal) -> String? {
        let values = try query(request.uri.query ?? "", parameter)
        guard values.count <= 1 else {
            throw Refusal(
                .invalidField,
                "\(parameter) is given \(values.count) times",
                field: parameter,
                remedy: "give it once"
            )
        }
        return values.first
    }

    /// All values of a parameter, as forms write them: a plus is a space.
    private static func query(_ query: String, _ parameter: String) throws(Refusal) -> [String] {
        var values: [String] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard parts[0] == parameter else { continue }
            guard let value = parts.count > 1 ? parts[1] : "" else {
                throw Refusal(
                    .invalidField,
                    "\(parameter) is not valid UTF-8",
                    field: parameter,
                    remedy: "percent-encode it as UTF-8"
                )
            }
            values.append(value)
        }
        return values
    }

    /// `limit` and `cursor` of a list.
    func page() throws(Refusal) -> (cursor: String?, size: Int) {
        let cursor = try query("cursor")
        if let cursor, !(1...1_024 ~= cursor.utf8.count) || cursor.contains("\0") {
            throw Self.strangeCursor
        }
        guard let text = try query("limit") else { return (cursor, Limits.pageRows.standard) }
        guard let size = Int(text), 1...Limits.pageRows.most ~= size else {
            throw Refusal(
                .invalidField,
                "limit must be a number from 1 to \(Limits.pageRows.most)",
                field: "limit",
                remedy: "send a number from 1 to \(Limits.pageRows.most)"
            )
        }
        return (cursor, size)
    }

    /// A list whose cursor is the name of the last item.
    func namedPage() throws(Refusal) -> (cursor: String?, size: Int) {
        let (cursor, size) = try page()
        guard cursor.map(Name.isValid) ?? true else { throw Self.strangeCursor }
        return (cursor, size)
    }

    static let strangeCursor = Refusal(
        .invalidField,
        "the cursor is not one of ours",
        field: "cursor",
        remedy: "pass next_cursor of the page before, or leave it out"
    )

    /// A cursor that counts.
    func numberedPage() throws(Refusal) -> (cursor: Int64?, size: Int) {
        let (cursor, size) = try page()
        guard let cursor else { return (nil, size) }
        guard let number = Int64(cursor), number >= 0 else {
            throw Self.strangeCursor
        }
        return (number, size)
    }

    /// The key under which a repetition is recognised.
    func idempotencyKey() throws(Refusal) -> String? {
        try Self.idempotencyKey(request.headers[values: .idempotencyKey])
    }

    static func idempotencyKey(_ values: [String]) throws(Refusal) -> String? {
        guard let value = values.first else { return nil }
        // A structured field's string comes quoted; plain text is accepted as well.
        let key =
            value.hasPrefix("\"") && value.hasSuffix("\"") && value.utf8.count > 1
            ? String(value.dropFirst().dropLast()) : value
        guard values.count == 1 else { throw strangeKey("Idempotency-Key") }
        try checkKey(key, field: "Idempotency-Key")
        return key
    }

    static func checkKey(_ key: String, field: String) throws(Refusal) {
        guard 1...255 ~= key.utf8.count, key.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw strangeKey(field)
        }
    }

    private static func strangeKey(_ field: String) -> Refusal {
        Refusal(
            .invalidField,
            "\(field) must be 1 to 255 printable ASCII characters, once",
            field: field,
            remedy: "use a UUID"
        )
    }

    /// The body as JSON.
    func json() async throws -> JSON {
        try JSON(body: await Self.body(of: request))
    }

    /// The body as JSON, or nothing when there is none.
    func jsonIfPresent() async throws -> JSON? {
        let bytes = try await Self.body(of: request)
        guard !bytes.isEmpty else { return nil }
        return try JSON(body: bytes)
    }

    /// The body as JSON, `{}` where there is none: of a call that needs no word.
    func jsonOrEmpty() async throws -> JSON {
        try await jsonIfPresent() ?? .object([:])
    }

    /// `{reason?}` of the body or the query: why something is taken away.
    func reason() async throws -> String? {
        let asked = try query("reason").map { ["reason": JSON.string($0)] }
        let body = try await jsonIfPresent() ?? asked.map(JSON.object) ?? .object([:])
        return try Fields(body, known: ["reason"]).text("reason")
    }

    /// The reason of a call whose body is something else.
    func reasonInQuery() throws(Refusal) -> String? {
        guard let asked = try query("reason") else { return nil }
        return try Fields(["reason": .string(asked)], known: ["reason"]).text("reason")
    }

    /// A whole body, bounded.
    static func body(
        of request: Request,
        mustBeJSON: Bool = true,
        as types: Set<String> = ["application/json"],
        most: Int = Limits.bodyBytes
    ) async throws -> [UInt8] {
        var request = request
        let bytes: [UInt8]
        do {
            bytes = Array(buffer: try await request.collectBody(upTo: most))
        } catch is NIOTooManyBytesError {
            throw Refusal.bodyTooLarge(most: most)
        }
        guard mustBeJSON, !bytes.isEmpty, let type = request.headers[.contentType] else {
            return bytes
        }
        let media = type.split(separator: ";").first.map { $0.trimmingPrefix(" ") } ?? ""
        guard types.contains(media.trimmingCharacters(in: .whitespaces).lowercased()) else {
            throw Refusal(
                .unsupportedMediaType,
                "a body of type \(media.prefix(64)) is not taken",
                field: "Content-Type",
                remedy: "send \(types.sorted().joined(separator: " or "))"
            )
        }
        return bytes
    }
}

extension Response {
    /// JSON with a status.
    init(_ json: JSON, status: HTTPResponse.Status = .ok) {
        self.init(bytes: json.bytes, status: status)
    }

    /// Bytes that are JSON.
    init(bytes: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
