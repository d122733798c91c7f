import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addCredits(to registry: inout Registry) {
        let all = "/v1/accounts/{account}/credits"
        let one = all + "/{credit}"
        add(.post, all, .billing, to: &registry, createCredit)
        add(.get, all, .billing, to: &registry, listCredits)
        add(.get, one, .billing, to: &registry) { call in
            let account = try call.name("account")
            return Response(try await usher.credit(try call.credit(), of: account).json)
        }
        add(.delete, one, .billing, to: &registry) { call in
            let voided = try await usher.void(
                credit: try call.credit(),
                account: try call.name("account"),
                reason: try await call.reason(),
                as: call.author
            )
            return Response(voided.json)
        }
        add(.post, one + "/confirm", .billing, to: &registry, confirmCredit)
    }

    private func createCredit(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let body = try await call.json()
        let request = try CreditRequest(body)
        var author = call.author
        author.reason = request.reason
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "credit \(account)",
            request: body,
            as: author
        ) { connection in
            let made = try await usher.create(credit: request, account: account, on: connection)
            return StoredAnswer(status: 201, body: made.json)
        }
        return Response(answer)
    }

    private func confirmCredit(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let credit = try call.credit()
        let body = try await call.jsonOrEmpty()
        var author = call.author
        author.reason = try Fields(body, known: ["reason"]).text("reason")
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "confirm credit \(credit)",
            request: body,
            as: author
        ) { connection in
            let paid = try await usher.confirm(credit: credit, account: account, on: connection)
            return StoredAnswer(status: 200, body: paid.json)
        }
        return Response(answer)
    }

    private func listCredits(_ call: Call) async throws -> Response {
        let (cursor, size) = try call.page()
        let place = cursor.flatMap(CreationPlace.init)
        guard cursor == nil || place != nil else { throw Call.strangeCursor }
        let feature = try call.query("feature")
        if let feature { try checkName(feature, field: "feature") }
        let page = try await usher.credits(
            of: try call.name("account"),
            CreditFilter(feature: feature, state: try call.word(inQuery: "state")),
            after: place,
            size: size
        )
        return Response(page.json(\.json))
    }
}

extension Call {
    fileprivate func credit() throws(Refusal) -> String {
        try accountedID(inPath: "credit") { .unknownCredit($0, of: $1) }
    }
}
