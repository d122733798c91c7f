import Entitlements
import Service

/// Decisions as JSON, written straight into bytes: this is the hot path's output, and every other
/// interface writes them by it too.
extension Judgement {
    /// The one decision of a check of one feature.
    func writeDecision(into bytes: inout [UInt8]) {
        for item in items { write(item, into: &bytes) }
    }

    /// The decisions of a batch as `{"decisions":[…]}`, and `flags` beside them where some were asked.
    func writeBatch(into bytes: inout [UInt8]) {
        bytes.append(literal: "{\"decisions\":")
        writeItems(into: &bytes)
        if !flags.isEmpty {
            bytes.append(literal: ",\"flags\":")
            JSON.array(flags.map { OFREP.item($0.key, $0.evaluation) }).write(into: &bytes)
        }
        bytes.append(literal: "}")
    }

    /// Everything a session is entitled to.
    func writeEntitlements(into bytes: inout [UInt8]) {
        bytes.append(literal: "{\"session\":")
        bytes.append(text: session)
        bytes.append(literal: ",\"account\":")
        bytes.append(text: account)
        bytes.append(literal: ",\"revision\":")
        bytes.append(number: revision)
        bytes.append(literal: ",\"configuration_revision\":")
        bytes.append(number: configurationRevision)
        bytes.append(literal: ",\"evaluated_at\":")
        bytes.append(instant: at)
        bytes.append(literal: ",\"entitlements\":")
        writeItems(into: &bytes)
        bytes.append(literal: "}")
    }

    private func writeItems(into bytes: inout [UInt8]) {
        bytes.append(literal: "[")
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(literal: ",") }
            write(item, into: &bytes)
        }
        bytes.append(literal: "]")
    }

    private func write(_ item: Item, into bytes: inout [UInt8]) {
        switch item {
        case .decision(let decision):
            write(decision, into: &bytes)
            bytes.append(literal: "}")
        case .explained(let explanation):
            write(explanation.decision, into: &bytes)
            bytes.append(literal: ",\"explanation\":")
            explanation.json.write(into: &bytes)
            bytes.append(literal: "}")
        case .unknownFeature(let feature):
            bytes.append(literal: "{\"feature\":")
            JSON.write(feature, into: &bytes)
            bytes.append(literal: ",\"error\":{\"code\":\"unknown_feature\",\"detail\":")
            JSON.write(Refusal.unknownFeature(feature).detail, into: &bytes)
            bytes.append(literal: "}}")
        }
    }

    /// The decision as an object that is still open at its end.
    func write(_ decision: Decision, into bytes: inout [UInt8]) {
        bytes.append(literal: "{\"session\":")
        bytes.append(text: session)
        bytes.append(literal: ",\"account\":")
        bytes.append(text: account)
        bytes.append(literal: ",\"feature\":")
        JSON.write(decision.feature, into: &bytes)
        bytes.append(literal: ",\"type\":\"")
        bytes.append(literal: decision.kind.rawValue)
        bytes.append(literal: decision.allowed ? "\",\"allowed\":true" : "\",\"allowed\":false")
        bytes.append(literal: ",\"reason\":\"")
        bytes.append(literal: decision.reason.rawValue)
        bytes.append(literal: "\",\"source\":")
        write(decision.source, into: &bytes)
        bytes.append(literal: ",\"value\":")
        (decision.value ?? .null).write(into: &bytes)
        writeCount(of: decision, into: &bytes)
        bytes.append(literal: ",\"valid_until\":")
        bytes.append(instant: decision.validUntil)
        bytes.append(literal: ",\"revision\":")
        bytes.append(number: revision)
        bytes.append(literal: ",\"configuration_revision\":")
        bytes.append(number: configurationRevision)
        bytes.append(literal: ",\"evaluated_at\":")
        bytes.append(instant: at)
    }

    private func writeCount(of decision: Decision, into bytes: inout [UInt8]) {
        bytes.append(literal: ",\"limit\":")
        bytes.append(quantity: decision.limit)
        bytes.append(literal: ",\"used\":")
        bytes.append(number: decision.used ?? (decision.kind.isCounted ? 0 : nil))
        bytes.append(literal: ",\"remaining\":")
        bytes.append(quantity: decision.remaining)
        bytes.append(literal: ",\"held\":")
        bytes.append(number: decision.count?.held)
        bytes.append(literal: ",\"over\":")
        bytes.append(number: decision.count?.over)
        bytes.append(literal: ",\"resets_at\":")
        bytes.append(instant: decision.count?.resetsAt)
    }

    private func write(_ source: Decision.Source?, into bytes: inout [UInt8]) {
        guard let source else { return bytes.append(literal: "null") }
        bytes.append(literal: "{\"kind\":\"")
        bytes.append(literal: source.kind.rawValue)
        bytes.append(literal: "\",\"id\":")
        JSON.write(source.id, into: &bytes)
        bytes.append(literal: ",\"version\":")
        bytes.append(number: source.version.map(Int64.init))
        bytes.append(literal: "}")
    }
}

extension [UInt8] {
    /// Text that needs no escaping.
    mutating func append(literal: String) {
        append(contentsOf: literal.utf8)
    }

    mutating func append(text: String?) {
        guard let text else { return append(literal: "null") }
        JSON.write(text, into: &self)
    }

    mutating func append(number: Int64?) {
        guard let number else { return append(literal: "null") }
        append(literal: String(number))
    }

    mutating func append(instant: Instant?) {
        guard let instant else { return append(literal: "null") }
        append(UInt8(ascii: "\""))
        instant.write(into: &self)
        append(UInt8(ascii: "\""))
    }

    mutating func append(quantity: Quantity?) {
        switch quantity {
        case nil: append(literal: "null")
        case .unlimited: append(literal: "\"unlimited\"")
        case .units(let units): append(number: units)
        }
    }
}
