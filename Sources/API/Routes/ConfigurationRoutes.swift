import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addCatalog(to registry: inout Registry) {
        add(.get, "/v1/features", .product, to: &registry) { call in
            let live = try await usher.barrier.view().live
            return Response([
                "configuration_revision": .integer(live.configuration.revision),
                "items": .array(live.features.map(\.json)),
            ])
        }
        for (method, disabled) in [(HTTPRequest.Method.put, true), (.delete, false)] {
            add(method, "/v1/features/{feature}/disabled", .product, to: &registry) { call in
                let feature = try await usher.setDisabled(
                    feature: try call.name("feature"),
                    disabled,
                    reason: try await call.reason(),
                    as: call.author
                )
                return Response(feature.json)
            }
        }
        add(.get, "/v1/catalog", .catalog, to: &registry) { call in
            Response(try await usher.store.catalog().json)
        }
        add(.post, "/v1/catalog/diff", .catalog, to: &registry) { call in
            let input = try CatalogInput(try await call.json())
            return Response(try await usher.diffCatalog(input.files).json)
        }
        add(.put, "/v1/catalog", .catalog, to: &registry) { call in
            let input = try CatalogInput(try await call.json())
            let outcome = try await usher.applyCatalog(
                input.files,
                grandfather: input.grandfather,
                as: call.author
            )
            return Response(outcome.json)
        }
        add(.post, "/v1/catalog/migrations", .catalog, to: &registry, migrate)
    }

    private func migrate(_ call: Call) async throws -> Response {
        let body = try await call.json()
        let input = try MigrationInput(body)
        let answer = try await usher.migrate(
            input.request,
            call: RepeatableCall(
                key: try call.idempotencyKey(),
                operation: "migrate \(input.request.scope.plan)",
                request: body
            ),
            as: input.author(call.author)
        ) { page in
            StoredAnswer(status: 200, body: page.json(of: input.request))
        }
        return Response(answer)
    }

    func addKeys(to registry: inout Registry) {
        add(.post, "/v1/keys", .admin, to: &registry) { call in
            let fields = try Fields(
                try await call.json(),
                known: ["name", "scopes", "expires_at"]
            )
            let key = try await usher.createKey(
                name: try fields.required("name") { field throws(Refusal) in
                    try fields.text(field, most: 128)
                },
                scopes: try Self.scopes(fields),
                expiresAt: try fields.instant("expires_at"),
                as: call.author
            )
            return Response(key.json, status: .created)
        }
        add(.get, "/v1/keys", .admin, to: &registry) { call in
            let (cursor, size) = try call.namedPage()
            return Response(try await usher.store.keys(after: cursor, size: size).json(\.json))
        }
        add(.delete, "/v1/keys/{key}", .admin, to: &registry) { call in
            try await usher.revokeKey(try call.name("key"), as: call.author)
            return Response(status: .noContent)
        }
        add(.post, "/v1/keys/{key}/rotate", .admin, to: &registry) { call in
            let key = try await usher.rotateKey(try call.name("key"), as: call.author)
            return Response(key.json, status: .created)
        }
    }

    private static func scopes(_ fields: Fields) throws(Refusal) -> [Scope] {
        let items = try fields.required("scopes", fields.array)
        let words = Scope.allCases.map(\.rawValue).joined(separator: ", ")
        let expected = "an array of one or more, each once, of: \(words)"
        let scopes = items.compactMap { $0.string.flatMap(Scope.init(rawValue:)) }
        guard !scopes.isEmpty, scopes.count == items.count, Set(scopes).count == scopes.count else {
            throw fields.invalid("scopes", expected)
        }
        return scopes
    }
}
