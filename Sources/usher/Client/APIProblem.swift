import Entitlements

/// An error as the API tells it: by `application/problem+json`, or as OpenFeature's protocol has it.
struct APIProblem: Sendable, Equatable {
    let code: String
    let detail: String
    let field: String?
    let remedy: String?
    let requestID: String?
    /// Every mistake of a catalog or of flags, a line each.
    let mistakes: [String]

    /// Nil when the value is no error of Usher's.
    init?(_ json: JSON) {
        guard let code = (json["code"] ?? json["errorCode"])?.string,
            let detail = (json["detail"] ?? json["errorDetails"])?.string
        else { return nil }
        self.code = code
        self.detail = detail
        field = json["field"]?.string
        remedy = json["remedy"]?.string
        requestID = json["request_id"]?.string
        mistakes = (json["problems"]?.array ?? []).map(Self.mistake)
    }

    /// One line: what happened, where, and what to do about it.
    func failure(retryAfter: Duration? = nil) -> CommandFailure {
        var line = "\(code): \(detail.asSentence)"
        if let field { line += " Field: \(field)." }
        if let remedy { line += " \(remedy.asSentence)" }
        if let retryAfter { line += " Try again in \(retryAfter.components.seconds) s." }
        if code == "internal", let requestID { line += " Request: \(requestID)." }
        return CommandFailure(line.printable, details: mistakes.map(\.printable))
    }

    private static func mistake(_ json: JSON) -> String {
        let message = json["message"]?.string ?? "?"
        let line = json["line"]?.integer.map { ":\($0)" } ?? ""
        let field = json["field"]?.string.map { "\($0): " } ?? ""
        let remedy = json["remedy"]?.string.map { "; \($0)" } ?? ""
        // Flags have paths; what is wrong with a catalog stands in a file.
        let place = (json["path"] ?? json["file"])?.string ?? "?"
        return "\(place)\(line): \(field)\(message)\(remedy)"
    }
}

extension String {
    /// The text with a capital and a full stop, so that sentences of several hands can be joined.
    fileprivate var asSentence: String {
        // A field's name is spelt as it is, also where it comes first.
        let isWord = prefix { $0 != " " }.allSatisfy(\.isLetter)
        let text = isWord ? prefix(1).uppercased() + dropFirst() : self
        return text.last.map { ".!?".contains($0) } == true ? text : text + "."
    }
}
