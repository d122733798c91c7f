import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addLevels(to registry: inout Registry) {
        let all = "/v1/accounts/{account}/levels"
        let one = all + "/{feature}"
        add(.get, all, .usage, to: &registry) { call in
            let levels = try await usher.levels(of: try call.name("account"))
            return Response(["items": .array(levels.map(\.levelJSON))])
        }
        add(.get, one, .usage, to: &registry) { call in
            let level = try await usher.level(
                of: try call.name("feature"),
                account: try call.name("account")
            )
            return Response(level.levelJSON)
        }
        add(.put, one, .usage, to: &registry, putLevel)
    }

    private func putLevel(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let feature = try call.name("feature")
        let body = try await call.json()
        let change = try LevelChange(body)
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "level \(account) \(feature)",
            request: body,
            as: call.author
        ) { connection in
            let level = try await usher.put(
                level: change,
                of: feature,
                account: account,
                on: connection
            )
            return StoredAnswer(status: 200, body: level.levelJSON)
        }
        return Response(answer)
    }
}
