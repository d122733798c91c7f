import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addSeats(to registry: inout Registry) {
        let all = "/v1/accounts/{account}/seats/{feature}"
        let one = all + "/{user}"
        add(.get, all, .usage, to: &registry) { call in
            let (cursor, size) = try call.namedPage()
            let list = try await usher.seats(
                of: try call.name("feature"),
                account: try call.name("account"),
                after: cursor,
                size: size
            )
            return Response(list.json)
        }
        add(.put, one, .usage, to: &registry) { call in
            try await assignSeat(call, to: try call.name("user"))
        }
        add(.delete, one, .usage, to: &registry) { call in
            try await releaseSeat(call, of: try call.name("user"))
        }
        // A user may be called like the call, and the router does not look past its name.
        let swap = all + "/swap"
        add(.put, swap, .usage, to: &registry) { try await assignSeat($0, to: "swap") }
        add(.delete, swap, .usage, to: &registry) { try await releaseSeat($0, of: "swap") }
        add(.post, swap, .usage, to: &registry, swapSeat)
    }

    private func assignSeat(_ call: Call, to user: String) async throws -> Response {
        let (seat, usage, isNew) = try await usher.assignSeat(
            user,
            of: try call.name("feature"),
            account: try call.name("account"),
            reason: try await call.reason(),
            as: call.author
        )
        return Response(usage.json(seat), status: isNew ? .created : .ok)
    }

    private func releaseSeat(_ call: Call, of user: String) async throws -> Response {
        let usage = try await usher.releaseSeat(
            user,
            of: try call.name("feature"),
            account: try call.name("account"),
            reason: try await call.reason(),
            as: call.author
        )
        return Response(usage.seatsJSON)
    }

    private func swapSeat(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let feature = try call.name("feature")
        let body = try await call.json()
        let fields = try Fields(body, known: ["from", "to"])
        let leaver = try fields.required("from", fields.name)
        let joiner = try fields.required("to", fields.name)
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "swap seat \(account) \(feature)",
            request: body,
            as: call.author
        ) { connection in
            let (seat, usage) = try await usher.swapSeat(
                from: leaver,
                to: joiner,
                of: feature,
                account: account,
                on: connection
            )
            return StoredAnswer(status: 200, body: usage.json(seat))
        }
        return Response(answer)
    }
}
