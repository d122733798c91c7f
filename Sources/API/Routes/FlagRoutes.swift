import Entitlements
import Flags
import Foundation
import HTTPTypes
import Hummingbird
import Limits
import Service
import Store

extension Routes {
    func addFlags(to registry: inout Registry) {
        let all = "/v1/flags"
        let one = all + "/{flag}"
        add(.get, all, .product, to: &registry) { call in
            let (cursor, size) = try call.namedPage()
            let page = try await usher.store.flags(after: cursor, size: size)
            let view = try await usher.barrier.view()
            return Response(page.json { $0.json(in: view) })
        }
        add(.get, one, .product, to: &registry) { call in
            try await answer(try await usher.flag(try call.name("flag")))
        }
        add(.put, one, .product, to: &registry) { call in
            let (flag, isNew) = try await usher.put(
                flag: try call.name("flag"),
                try Self.storable(try await call.json(), "body"),
                ifVersion: try call.expectedVersion(),
                reason: try call.reasonInQuery(),
                as: call.author
            )
            return try await answer(flag, status: isNew ? .created : .ok)
        }
        add(.delete, one, .product, to: &registry) { call in
            try await usher.delete(
                flag: try call.name("flag"),
                ifVersion: try call.expectedVersion(),
                reason: try await call.reason(),
                as: call.author
            )
            return Response(status: .noContent)
        }
        for (method, isKilled) in [(HTTPRequest.Method.post, true), (.delete, false)] {
            add(method, one + "/kill", .product, to: &registry) { call in
                let flag = try await usher.setKilled(
                    flag: try call.name("flag"),
                    isKilled,
                    reason: try await call.reason(),
                    as: call.author
                )
                return try await answer(flag)
            }
        }
        addFlagVersions(of: one, to: &registry)
        addFlagDocument(to: &registry)
    }

    /// A flag, with its version as the tag.
    private func answer(
        _ flag: FlagRecord,
        status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        var response = Response(flag.json(in: try await usher.barrier.view()), status: status)
        response.headers[.eTag] = "\"\(flag.version)\""
        return response
    }

    private func addFlagVersions(of one: String, to registry: inout Registry) {
        add(.get, one + "/versions", .product, to: &registry) { call in
            let (cursor, size) = try call.numberedPage()
            let key = try call.name("flag")
            let page = try await usher.store.versions(ofFlag: key, before: cursor, size: size)
            guard !page.items.isEmpty || cursor != nil else { throw Refusal.unknownFlag(key) }
            return Response(page.json(\.json))
        }
        add(.post, one + "/revert", .product, to: &registry) { call in
            let fields = try Fields(try await call.json(), known: ["version", "reason"])
            let version = try fields.required("version") { field throws(Refusal) in
                try fields.integer(field, in: 1...Int64(Int32.max))
            }
            let flag = try await usher.revert(
                flag: try call.name("flag"),
                to: Int(version),
                reason: try fields.text("reason"),
                as: call.author
            )
            return try await answer(flag)
        }
    }

    private func addFlagDocument(to registry: inout Registry) {
        add(.get, "/v1/flagset", .product, to: &registry) { call in
            let document = try await usher.flagDocument()
            let format: FlagFormat? = try call.word(inQuery: "format")
            guard format == .flagd else { return Response(document.json) }
            let (json, leftOut) = document.flagd
            return Response(["document": json, "left_out": .array(leftOut.map(JSON.string))])
        }
        add(.post, "/v1/flagset", .product, to: &registry) { call in
            let fields = try Fields(
                try await call.json(),
                known: ["document", "replace", "dry_run", "reason"]
            )
            let document = try fields.required("document") { field in fields.value(field) }
            let storable = try Self.storable(document, "document")
            let isDry = try fields.bool("dry_run") ?? false
            let outcome = try await usher.importFlags(
                storable,
                replacing: try fields.bool("replace") ?? false,
                dryRun: isDry,
                reason: try fields.text("reason"),
                as: call.author
            )
            return Response(outcome.json(isApplied: !isDry))
        }
    }

    /// A definition as it can be kept: Postgres has no room for a NUL in text.
    private static func storable(_ json: JSON, _ field: String) throws(Refusal) -> JSON {
        guard json.holdsNUL else { return json }
        throw Refusal(
            .invalidField,
            "a text holds the character NUL",
            field: field,
            remedy: "take it out: it cannot be kept"
        )
    }
}

/// How all flags are written as one document.
private enum FlagFormat: String, CaseIterable {
    case usher, flagd
}

extension Routes {
    /// Flags as OpenFeature's clients ask for them; single ones are answered by the front, nearly
    /// always.
    func addOFREP(to registry: inout Registry) {
        registry.add(.post, OFREP.single) { request, context in
            let key = context.parameters.get("key")?.removingPercentEncoding ?? ""
            let call = try await flagCall(key, request)
            let answer = call.answer(await view(for: call), by: usher) { context.requestID }
            return Response(answer)
        }
        registry.add(.post, OFREP.bulk) { request, _ in
            let call = try await flagCall(nil, request)
            switch try call.evaluate(in: try await view(for: call).get(), by: usher) {
            case .success(let answers): return bulk(answers, request)
            case .failure(let error):
                return Response(OFREP.failure(error, flag: nil), status: .badRequest)
            }
        }
    }

    private func flagCall(_ key: String?, _ request: Request) async throws -> FlagCall {
        FlagCall(
            flag: key,
            body: try await Call.body(of: request, most: Limits.flagContextBytes),
            caller: Call.caller(of: request) ?? Call.keyHeader(of: request)
        )
    }

    private func view(for call: FlagCall) async -> Result<BarrierView, BarrierFailure> {
        await usher.barrier.result(session: call.question.session, caller: .key(call.caller))
    }

    private func bulk(_ answers: FlagAnswers, _ request: Request) -> Response {
        let (body, tag) = OFREP.bulk(answers)
        let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
        if known.contains(where: { Self.names($0, tag) }) {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        var response = Response(body)
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-store"
        return response
    }

    /// Weakly, and also without quotes, as some clients send it.
    private static func names(_ sent: Substring, _ tag: String) -> Bool {
        var word = sent.trimmingPrefix { $0 == " " }
        if word.hasPrefix("W/") { word = word.dropFirst(2) }
        while word.last == " " { word = word.dropLast() }
        return word == tag || "\"\(word)\"" == tag || word == "*"
    }
}

extension Call {
    /// The digest of the key in `X-API-Key`, as OFREP's clients may send it.
    static func keyHeader(of request: Request) -> KeyDigest? {
        let values = request.headers[values: HTTPField.Name.knownName("X-API-Key")]
        return values.count == 1 ? KeyDigest(of: values[0]) : nil
    }

    /// The version that the caller saw: `If-Match: "7"`, or `If-None-Match: *` for none yet.
    fileprivate func expectedVersion() throws(Refusal) -> Int? {
        if request.headers[.ifNoneMatch] == "*" { return 0 }
        guard let sent = request.headers[.ifMatch] else { return nil }
        let word = sent.trimmingPrefix("W/").filter { $0 != "\"" && $0 != " " }
        guard let version = Int(word), version > 0 else {
            throw Refusal(
                .invalidField,
                "If-Match is no version of a flag",
                field: "If-Match",
                remedy: "send the ETag of GET /v1/flags/{flag}"
            )
        }
        return version
    }
}
