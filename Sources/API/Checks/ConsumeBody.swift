import Entitlements
import Front
import Service

extension Consumed {
    /// The decision with what was consumed; of several features, one of each.
    func body(isSeveral: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(640 * quantities.count)
        guard isSeveral else {
            write(0, into: &bytes)
            return bytes
        }
        bytes.append(literal: isAllowed ? "{\"allowed\":true" : "{\"allowed\":false")
        bytes.append(literal: ",\"decisions\":[")
        for index in quantities.indices {
            if index > 0 { bytes.append(literal: ",") }
            write(index, into: &bytes)
        }
        bytes.append(literal: "]}")
        return bytes
    }

    private func write(_ index: Int, into bytes: inout [UInt8]) {
        guard let decision = judgement.items[index].decision else { return }
        judgement.write(decision, into: &bytes)
        bytes.append(literal: ",\"consumed\":")
        bytes.append(number: quantities[index])
        bytes.append(literal: "}")
    }

    /// The limits in the words of draft-ietf-httpapi-ratelimit-headers, and when to come again.
    var headers: [(String, String)] {
        let limits = judgement.items.compactMap { $0.decision.flatMap(RateLimit.init) }
        guard !limits.isEmpty else { return [] }
        var headers = [
            ("RateLimit-Policy", limits.map(\.policy).joined(separator: ", ")),
            ("RateLimit", limits.map { $0.state(at: judgement.at) }.joined(separator: ", ")),
        ]
        // Where time alone does not help one of them, it does not help.
        let refused = judgement.items.compactMap(\.decision).filter { !$0.allowed }
        let retries = refused.compactMap { $0.count?.retryAt }
        if let retry = retries.max(), retries.count == refused.count {
            headers.append(("Retry-After", String(retry.seconds(from: judgement.at))))
        }
        return headers
    }
}

/// A limit as headers tell it; what is unlimited has none.
private struct RateLimit {
    let feature: String
    let limit: Int64
    let remaining: Int64
    let window: Int64?
    let resetsAt: Instant?

    init?(_ decision: Decision) {
        guard let count = decision.count, case .units(let limit)? = decision.limit,
            case .units(let remaining) = count.remaining
        else { return nil }
        feature = decision.feature
        self.limit = limit
        self.remaining = remaining
        window = count.windowSeconds
        resetsAt = count.resetsAt
    }

    /// Names of features need no escaping.
    var policy: String {
        "\"\(feature)\";q=\(limit)" + (window.map { ";w=\($0)" } ?? "")
    }

    func state(at instant: Instant) -> String {
        "\"\(feature)\";r=\(remaining)"
            + (resetsAt.map { ";t=\($0.seconds(from: instant))" } ?? "")
    }
}

extension Instant {
    /// Whole seconds from another instant, rounded up.
    fileprivate func seconds(from other: Instant) -> Int64 {
        max((microseconds - other.microseconds + 999_999) / 1_000_000, 0)
    }
}

extension CheckAnswer {
    /// The answer to a request to consume.
    init(_ consumed: Consumed?, body: [UInt8]) {
        self.init(
            HotResponse(body: body, extraHeaders: consumed?.headers ?? []),
            judgement: consumed?.judgement
        )
    }
}
