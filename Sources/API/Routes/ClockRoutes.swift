import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addClock(to registry: inout Registry) {
        let path = "/v1/accounts/{account}/clock"
        add(.get, path, .admin, to: &registry) { call in
            Response(try await usher.clock(of: try call.name("account")).json)
        }
        add(.put, path, .admin, to: &registry, setClock)
    }

    private func setClock(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let body = try await call.json()
        let setting = try ClockSetting(body)
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "clock \(account)",
            request: body,
            as: call.author
        ) { connection in
            let clock = try await usher.set(clock: setting, account: account, on: connection)
            return StoredAnswer(status: 200, body: clock.json)
        }
        return Response(answer)
    }
}
