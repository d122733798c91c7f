import Entitlements

/// Names one request in its answer, the log and the change log.
enum RequestID {
    /// 16 random digits: unique enough to find a request by, and no secret.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        return "req_"
            + String(decoding: Base32.random(characters: 16, from: &random), as: UTF8.self)
    }
}
