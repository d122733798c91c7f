import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addMeters(to registry: inout Registry) {
        let all = "/v1/accounts/{account}/meters"
        add(.get, all, .usage, to: &registry) { call in
            let (cursor, size) = try call.namedPage()
            let (meters, next) = try await usher.meters(
                of: try call.name("account"),
                user: try call.queryName("user"),
                feature: try call.queryName("feature"),
                after: cursor,
                size: size
            )
            return Response([
                "items": .array(meters.map(\.json)), "next_cursor": JSON(next),
            ])
        }
        add(.get, all + "/{feature}", .usage, to: &registry) { call in
            let meter = try await usher.meter(
                of: try call.name("feature"),
                account: try call.name("account"),
                user: try call.queryName("user")
            )
            return Response(meter.json)
        }
        add(.post, "/v1/usage", .usage, to: &registry, recordUsage)
        add(.get, "/v1/accounts/{account}/usage", .usage, to: &registry, usage)
        add(.get, "/v1/accounts/{account}/ledger", .usage, to: &registry, ledger)
        add(.get, "/v1/accounts/{account}/alerts", .usage, to: &registry) { call in
            let (cursor, size) = try call.numberedPage()
            let page = try await usher.alerts(
                of: try call.name("account"),
                before: cursor,
                size: size
            )
            return Response(page.json(\.json))
        }
    }

    private enum Grouping: String, CaseIterable { case user }

    private func usage(_ call: Call) async throws -> Response {
        guard let feature = try call.queryName("feature") else {
            throw Refusal(
                .missingField,
                "the parameter feature is missing",
                field: "feature",
                remedy: "name the feature: ?feature=…"
            )
        }
        let history = try await usher.usage(
            UsageRequest(
                account: try call.name("account"),
                feature: feature,
                window: try call.word(inQuery: "window") ?? .day,
                from: try call.queryInstant("from"),
                to: try call.queryInstant("to"),
                user: try call.queryName("user"),
                isByUser: try call.word(inQuery: "by") as Grouping? != nil
            )
        )
        return Response(history.json)
    }

    private func ledger(_ call: Call) async throws -> Response {
        let (cursor, size) = try call.page()
        let place = cursor.flatMap(LedgerPlace.init)
        if cursor != nil, place == nil { throw Call.strangeCursor }
        let page = try await usher.ledger(
            of: try call.name("account"),
            LedgerFilter(
                feature: try call.queryName("feature"),
                user: try call.queryName("user"),
                from: try call.queryInstant("from"),
                to: try call.queryInstant("to")
            ),
            after: place,
            size: size
        )
        return Response(page.json(\.json))
    }

    private static let eventTypes: Set = [
        "application/json", "application/cloudevents+json", "application/cloudevents-batch+json",
    ]

    /// Takes no `Idempotency-Key`: each event has a name of its own, by which it counts once.
    private func recordUsage(_ call: Call) async throws -> Response {
        let late: LatePolicy = try call.word(inQuery: "late") ?? .reject
        let body = try await Call.body(of: call.request, as: Self.eventTypes)
        let outcomes = try await usher.record(
            try UsageEvent.list(try JSON(body: body)),
            late: late,
            as: call.author
        )
        return Response(outcomes.json)
    }
}

extension Call {
    /// A query parameter that is a name.
    func queryName(_ parameter: String) throws(Refusal) -> String? {
        guard let text = try query(parameter) else { return nil }
        try checkName(text, field: parameter)
        return text
    }

    /// A query parameter that is a time.
    func queryInstant(_ parameter: String) throws(Refusal) -> Instant? {
        guard let text = try query(parameter) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw Refusal(
                .invalidField,
                "\(parameter) must be an RFC 3339 time, such as 2026-11-23T15:04:05Z",
                field: parameter,
                remedy: "send a time with its offset, a plus percent-encoded: 2026-11-23T15:04:05Z"
            )
        }
        return instant
    }
}
