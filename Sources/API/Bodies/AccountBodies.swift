import Entitlements
import Service
import Store

extension AccountContent {
    /// Reads the body of `PUT /v1/accounts/{account}`.
    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: ["name", "timezone", "attributes", "billing"])
        self.init(
            name: try fields.text("name"),
            timezone: try fields.text("timezone", most: 64) ?? "UTC",
            attributes: .object(try fields.document("attributes") ?? [:]),
            customers: try Self.customers(try fields.object("billing") ?? [:])
        )
    }

    private static func customers(_ links: [String: JSON]) throws(Refusal) -> [String: String] {
        var customers: [String: String] = [:]
        for (source, value) in links.sorted(by: { $0.key < $1.key }) {
            try checkName(source, field: "billing")
            guard let customer = value.string, ProviderID.isValid(customer) else {
                throw Refusal(
                    .invalidField,
                    "billing.\(source) must be a customer's id: \(ProviderID.form)",
                    field: "billing.\(source)",
                    remedy: "send the id that the provider gave"
                )
            }
            customers[source] = customer
        }
        return customers
    }
}

/// The form of a provider's ids, which go into URLs.
enum ProviderID {
    static let form = "1 to 255 of A-Z a-z 0-9 _ . -"

    static func isValid(_ id: String) -> Bool {
        1...255 ~= id.utf8.count
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

extension AccountRecord {
    var json: JSON {
        [
            "account": .string(id),
            "name": JSON(name),
            "timezone": .string(timezone),
            "attributes": attributes,
            "billing": .object(customers.mapValues(JSON.string)),
            "blocked": blockedAt.map { since in
                [
                    "since": JSON(since), "until": JSON(blockedUntil),
                    "reason": JSON(blockedReason),
                ]
            } ?? .null,
            "test_clock": JSON(testClock),
            "revision": .integer(revision),
            "created_at": JSON(createdAt),
        ]
    }
}

extension SignIn {
    /// Reads the body of `POST /v1/sessions`.
    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(
            body,
            known: ["account", "user", "device", "source", "ttl_seconds"]
        )
        self.init(
            account: try fields.required("account", fields.name),
            user: try fields.required("user", fields.name),
            device: .object(try Self.device(fields)),
            source: try fields.name("source"),
            lifetime: .seconds(
                try fields.integer("ttl_seconds", in: 60...31_536_000) ?? 30 * 86_400
            )
        )
    }

    private static func device(_ fields: Fields) throws(Refusal) -> [String: JSON] {
        let device = try fields.object("device") ?? [:]
        guard device.count <= 32 else { throw fields.invalid("device", "at most 32 members") }
        let parts = try Fields(.object(device), known: Set(device.keys), path: "device")
        for (key, value) in device {
            try checkName(key, field: "device")
            guard let text = value.string, text.unicodeScalars.count <= 1_024,
                !text.utf8.contains(0)
            else {
                throw parts.invalid(key, "a string of at most 1024 characters")
            }
        }
        return device
    }
}

extension SessionRecord {
    var json: JSON {
        [
            "session": .string(session.id),
            "account": .string(session.account),
            "user": .string(session.user),
            "device": device,
            "source": JSON(source),
            "created_at": JSON(session.createdAt),
            "expires_at": JSON(session.expiresAt),
            "revoked_at": JSON(session.revokedAt),
            "revoked_reason": JSON(revokedReason),
        ]
    }
}
