import Yams

extension SourceReader {
    private enum Scheme: String, CaseIterable {
        case hmac, basic
        case staticHeader = "static_header"
    }

    private enum FormatKind: String, CaseIterable { case kv, bare, list, prefix, standard }

    mutating func schemes(_ root: Fields) -> [SignatureScheme] {
        list(root, "auth").compactMap { scheme($0.node, $0.path) }
    }

    private mutating func scheme(_ node: Node, _ path: String) -> SignatureScheme? {
        let known = [
            "scheme", "header", "format", "encoding", "signed", "key", "timestamp_unit",
            "timestamp_header", "id_header", "weak",
        ]
        guard let fields = mapping(node, path, known: known),
            let scheme = word(fields, "scheme", of: Scheme.self)
        else { return nil }
        if scheme == .hmac { return hmac(fields).map(SignatureScheme.hmac) }
        if optionalFlag(fields, "weak") != true {
            note(
                node,
                fields.way(to: "weak"),
                "is not set, but `\(scheme.rawValue)` does not protect the body",
                "write `weak: true` to say that only the callback is to be believed"
            )
        }
        if scheme == .basic { return .basic }
        return header(fields, "header").map(SignatureScheme.staticHeader)
    }

    private mutating func hmac(_ fields: Fields) -> HMACScheme? {
        if optionalFlag(fields, "weak") == true {
            note(
                fields.node,
                fields.way(to: "weak"),
                "does not go with hmac, which protects the body",
                "leave it out"
            )
        }
        // All are read before any is looked at, so that one run notes every problem.
        let header = header(fields, "header")
        let format = format(fields)
        let encoding = word(fields, "encoding", of: HMACScheme.Encoding.self)
        let signed = signed(fields)
        let key = word(fields, "key", of: HMACScheme.Key.self)
        let unit = fields.values["timestamp_unit"]
            .flatMap {
                word($0, fields.way(to: "timestamp_unit"), of: TimeUnit.self)
            }
        let timestampHeader = optionalHeader(fields, "timestamp_header")
        let idHeader = optionalHeader(fields, "id_header")
        guard let header, let format, let encoding, let signed, let key else { return nil }
        let scheme = HMACScheme(
            header: header,
            format: format,
            encoding: encoding,
            signed: signed,
            key: key,
            timestampUnit: unit,
            timestampHeader: timestampHeader,
            idHeader: idHeader
        )
        agree(scheme, fields)
        return scheme
    }

    /// The template and what the headers hold have to speak of the same things.
    private mutating func agree(_ scheme: HMACScheme, _ fields: Fields) {
        let signsTime = scheme.signed.parts.contains(.timestamp)
        let hasTime = scheme.timestampHeader != nil || scheme.format.holdsTimestamp
        let signedNode = fields.values["signed"]
        if hasTime != signsTime {
            note(
                signedNode,
                fields.way(to: "signed"),
                hasTime ? "leaves {ts} out, so the time could be forged" : "has {ts}, but no time",
                "name the time in `format` or `timestamp_header`, and {ts} here, or neither"
            )
        }
        if signsTime != (scheme.timestampUnit != nil) {
            note(
                fields.values["timestamp_unit"] ?? fields.node,
                fields.way(to: "timestamp_unit"),
                signsTime ? "is missing" : "has no time to speak of",
                "write s, ms or rfc3339 exactly when {ts} is signed"
            )
        }
        if scheme.signed.parts.contains(.id) != (scheme.idHeader != nil) {
            note(
                signedNode,
                fields.way(to: "id_header"),
                "and {id} belong together",
                "name the header of the id, and {id} in `signed`, or neither"
            )
        }
    }

    private mutating func signed(_ fields: Fields) -> SignedText? {
        guard let template = text(fields, "signed") else { return nil }
        if let signed = SignedText(template: template) { return signed }
        note(
            fields.values["signed"],
            fields.way(to: "signed"),
            "`\(template)` is no template",
            "use {ts}, {id} and {body}; {body} must be there"
        )
        return nil
    }

    private mutating func format(_ fields: Fields) -> HMACScheme.Format? {
        let known = ["kind", "separator", "timestamp", "signature", "first", "prefix", "version"]
        guard let format = mapping(fields, "format", known: known),
            let kind = word(format, "kind", of: FormatKind.self)
        else { return nil }
        switch kind {
        case .bare: return .bare
        case .prefix: return text(format, "prefix").map(HMACScheme.Format.prefix)
        case .standard: return text(format, "version").map(HMACScheme.Format.standard)
        case .list:
            let first = optionalText(format, "first")
            if let first, first != "timestamp" {
                note(
                    format.values["first"],
                    format.way(to: "first"),
                    "`\(first)` is not known",
                    "write timestamp, or leave it out"
                )
            }
            return separator(format).map { .list(separator: $0, timestampFirst: first != nil) }
        case .kv:
            let timestamp = optionalText(format, "timestamp")
            guard let separator = separator(format), let signature = text(format, "signature")
            else { return nil }
            return .pairs(separator: separator, timestamp: timestamp, signature: signature)
        }
    }

    private mutating func separator(_ format: Fields) -> Character? {
        guard let text = text(format, "separator") else { return nil }
        if text.count == 1, let character = text.first, character != "=" { return character }
        note(
            format.values["separator"],
            format.way(to: "separator"),
            "`\(text)` does not separate",
            "write one character other than ="
        )
        return nil
    }
}

extension HMACScheme.Format {
    var holdsTimestamp: Bool {
        switch self {
        case .pairs(_, let timestamp, _): timestamp != nil
        case .list(_, let timestampFirst): timestampFirst
        case .bare, .prefix, .standard: false
        }
    }
}
