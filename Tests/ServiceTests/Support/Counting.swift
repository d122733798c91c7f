import Catalog
import Entitlements
import Postgres
import Store
import Testing

@testable import Service

/// A world that counts, at a time that stands still.
struct Counting {
    let world: World
    private static let start = Instant(rfc3339: "2026-06-10T00:00:00Z")

    static let catalog = [
        CatalogFile(
            path: "features.yaml",
            text: """
                features:
                  calls: { type: metered, unit: call }
                  credits: { type: metered, unit: credit }
                  image: { type: metered, unit: image, pool: credits, cost: 10 }
                  search: { type: rate }
                  jobs: { type: concurrency }
                  sso: { type: boolean }
                """
        ),
        CatalogFile(
            path: "free.yaml",
            text: """
                plan: free
                default: true
                entitlements:
                  calls: { limit: 10, per: month, reset: calendar, user_limit: 6 }
                  credits: { limit: 100, per: month, reset: calendar }
                  image: { limit: 50, per: month, reset: calendar }
                  search: { limit: 5, per: hour }
                  jobs: { limit: 3, user_limit: 2 }
                """
        ),
    ]

    static func run(_ body: (Counting) async throws -> Void) async throws {
        try await World.run(catalog: catalog) { world in
            try await world.link("acme", to: nil)
            let counting = Counting(world: world)
            try await world.set(clock: .at(try #require(start)))
            try await body(counting)
        }
    }

    func pass(_ seconds: Int64) async throws {
        try await world.set(clock: .advance(.seconds(seconds)))
    }

    func hold(
        _ feature: String,
        _ quantity: Int64 = 1,
        kind: HoldKind = .reservation,
        user: String? = nil,
        session: String? = nil,
        seconds: Int64 = 60,
        key: String? = nil
    ) async throws -> MeterAnswer<Held> {
        try await world.service.hold(
            HoldRequest(
                kind: kind,
                asker: session.map { .session($0) } ?? .account("acme", user: user),
                feature: feature,
                quantity: quantity,
                lifetime: .seconds(seconds),
                key: RepeatKey(key, operation: "hold", request: .integer(quantity))
            ),
            as: world.author,
            render: { $0.hold?.key.id ?? "denied" }
        )
    }

    /// The id of what is held.
    func held(
        _ feature: String,
        _ quantity: Int64 = 1,
        kind: HoldKind = .reservation,
        user: String? = nil,
        session: String? = nil,
        seconds: Int64 = 60
    ) async throws -> String {
        let answer = try await hold(
            feature,
            quantity,
            kind: kind,
            user: user,
            session: session,
            seconds: seconds
        )
        return try #require(answer.value?.hold?.key.id)
    }

    @discardableResult
    func settle(_ id: String, _ quantity: Int64, key: String? = nil) async throws -> HoldStanding {
        let answer = try await world.service.settle(
            id,
            quantity: quantity,
            key: RepeatKey(key, operation: "settle", request: .integer(quantity)),
            as: world.author,
            render: { "\($0.state) \($0.reading.used)" }
        )
        return try #require(answer.value)
    }

    @discardableResult
    func refund(
        _ feature: String,
        _ quantity: Int64,
        user: String? = nil,
        consumption: String? = nil
    ) async throws -> MeterView {
        let answer = try await world.service.refund(
            RefundRequest(
                asker: .account("acme", user: user),
                feature: feature,
                quantity: quantity,
                reason: "it failed",
                consumption: consumption,
                key: nil
            ),
            as: world.author,
            render: { _ in "" }
        )
        return try #require(answer.value)
    }

    @discardableResult
    func adjust(
        _ feature: String,
        _ change: AdjustRequest.Change,
        user: String? = nil
    ) async throws -> MeterView {
        let answer = try await world.service.adjust(
            AdjustRequest(
                account: "acme",
                user: user,
                feature: feature,
                change: change,
                reason: "counted twice",
                key: nil
            ),
            as: world.author,
            render: { _ in "" }
        )
        return try #require(answer.value)
    }

    /// Takes units as a caller would; false where it is denied.
    func consume(
        _ feature: String,
        _ quantity: Int64,
        user: String? = nil,
        session: String? = nil,
        key: String? = nil
    ) async throws -> Bool {
        let view = try await world.service.barrier.view(session: session, account: "acme")
        let request = ConsumeRequest(
            asker: session.map { .session($0) } ?? .account("acme", user: user),
            items: [.init(feature: feature, quantity: quantity)],
            key: key,
            fingerprint: [1]
        )
        let outcome = try await withCheckedThrowingContinuation { continuation in
            do {
                let consuming = try world.service.prepare(
                    request,
                    by: KeyDigest(of: World.bootstrap),
                    in: view,
                    client: NoClient(),
                    render: { _ in [] },
                    complete: { continuation.resume(returning: Optional($0)) }
                )
                switch consuming {
                case .order(let order): world.service.meters.submit([order])
                case .denied: continuation.resume(returning: nil)
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        guard case .applied(let effects)? = try outcome?.get() else { return false }
        return (effects.tag as? Consumed)?.isAllowed == true
    }

    /// Gives a user a limit of their own, in the plan's place.
    func grant(_ feature: String, _ limit: Int64, user: String) async throws {
        _ = try await world.pool.query(
            """
            insert into access_grant (account_id, feature_id, effect, user_id, limit_units, reason)
            values ('acme', \(feature), 'allow', \(user), \(limit), 'x')
            """
        )
    }

    func withdrawGrants() async throws {
        _ = try await world.pool.query("delete from access_grant")
    }

    /// What the table has of a feature: subject, used and held units.
    func meters(_ feature: String) async throws -> [String] {
        let rows = try await world.pool.query(
            """
            select subject, used, coalesce(detail ->> 'h', '[]') <> '[]' as holds
              from meter where feature_id = \(feature) order by subject
            """
        )
        return try rows.map {
            let held = try $0.bool("holds") ? " and holds" : ""
            return "\(try $0.text("subject")):\(try $0.int64("used"))\(held)"
        }
    }

    /// The ledger in the order in which it was written: kind, units, held, and why.
    func ledger(_ feature: String) async throws -> [String] {
        let rows = try await world.pool.query(
            """
            select kind, units, held, coalesce(reason, '-') as reason, coalesce(author, '-') as who
              from meter_entry where feature_id = \(feature)
             order by recorded_at, version, place
            """
        )
        return try rows.map {
            let counts = "\(try $0.int64("units")) \(try $0.int64("held"))"
            return "\(try $0.text("kind")) \(counts) \(try $0.text("reason")) \(try $0.text("who"))"
        }
    }
}

private final class NoClient: BarrierClient {
    func flush() {}
}

extension MeterAnswer {
    var value: Value? {
        guard case .first(let value) = self else { return nil }
        return value
    }

    var repeated: String? {
        guard case .repeated(let body) = self else { return nil }
        return body
    }
}

extension Counting {
    /// Why something is refused; nil where it is not.
    func refusal<Value>(
        _ body: (Counting) async throws -> Value
    ) async throws -> Refusal? {
        do {
            _ = try await body(self)
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }
}
