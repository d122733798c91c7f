import Crypto
import Entitlements
import Limits
import Store
import Webhooks

/// What a delivery came to.
package struct Reception: Sendable, Equatable {
    package enum Status: String, Sendable { case applied, duplicate, ignored, queued }

    package let status: Status
    /// The provider's event id.
    package let event: String
}

extension UsherService {
    /// Takes a delivery in.
    ///
    /// Its body never changes state; it only says what to ask the provider.
    ///
    /// `applied` means that the next check sees it. `queued` means that the event is kept and a
    /// worker goes on: the callback took too long or failed, or the customer has no account yet.
    ///
    /// - Throws: `signature_…` for what the provider did not send; of that only a counter is kept.
    package func receive(
        from name: String,
        headers: (String) -> [String],
        body: [UInt8],
        requestID: String
    ) async throws -> Reception {
        let source = try billing.source(name)
        // The database's clock: the host's may be off, and no database means 503 in any case.
        let now = try await barrier.view().clock
        try verify(source.verify(headers: headers, body: body, now: now), of: name)
        let event = try read(source, body: body, headers: headers)
        let (record, isNew) = try await store.write(
            as: Author(actor: "webhook:\(name):\(event.key)", requestID: requestID)
        ) { connection in
            try await store.receive(
                InboxContent(event, source: name, body: body),
                on: connection
            )
        }
        let status = try await settle(record, isNew: isNew)
        billing.counters.count(status.rawValue, source: name)
        return Reception(status: status, event: event.key)
    }

    private func settle(
        _ record: InboxRecord,
        isNew: Bool
    ) async throws -> Reception.Status {
        switch record.state {
        case .ignored: return isNew ? .ignored : .duplicate
        case .applied: return .duplicate
        case .dead: return .queued
        case .pending, .unlinked: break
        }
        guard let subject = record.subject, let generation = record.generation else {
            return .queued
        }
        let isSettled = try await billing.processor.settle(
            subject,
            generation: generation,
            within: Limits.webhookInline
        )
        guard isSettled, try await store.event(record.id)?.state == .applied else {
            return .queued
        }
        return isNew ? .applied : .duplicate
    }

    private func verify(_ verdict: SignatureVerdict, of source: String) throws(Refusal) {
        guard let refusal = Refusal(verdict, source: source) else { return }
        billing.counters.count(refusal.code.rawValue, source: source)
        throw refusal
    }

    private func read(
        _ source: Source,
        body: [UInt8],
        headers: (String) -> [String]
    ) throws(Refusal) -> IncomingEvent {
        do {
            return try source.read(body: body, headers: headers)
        } catch {
            billing.counters.count("malformed", source: source.name)
            throw Refusal(
                error.field.isEmpty ? .malformedJSON : .invalidField,
                error.message,
                field: error.field.isEmpty ? nil : error.field,
                remedy: error.remedy
            )
        }
    }
}

extension SubjectKey {
    init(_ subject: Subject, of source: String) {
        self.init(source: source, kind: subject.kind.rawValue, id: subject.id)
    }
}

extension InboxContent {
    fileprivate init(_ event: IncomingEvent, source: String, body: [UInt8]) {
        self.init(
            source: source,
            eventKey: event.key,
            eventType: event.type,
            subject: event.subjects.first.map { SubjectKey($0, of: source) },
            ignored: event.ignored,
            body: body,
            bodyDigest: Array(SHA256.hash(data: body))
        )
    }
}

extension Refusal {
    /// Nil for a genuine signature.
    fileprivate init?(_ verdict: SignatureVerdict, source: String) {
        switch verdict {
        case .genuine:
            return nil
        case .missingSignature:
            self.init(
                .signatureMissing,
                "the delivery carries no signature of source \(source)",
                remedy: "send the provider's signature header through unchanged"
            )
        case .malformed(let reason):
            self.init(.signatureInvalid, "the signature cannot be read: \(reason)")
        case .mismatch:
            self.init(
                .signatureInvalid,
                "the signature matches none of the secrets of source \(source)",
                remedy: "compare the endpoint's secret at the provider with the one configured here"
            )
        case .stale(let skew):
            self.init(
                .signatureStale,
                "the signature is \(skew.components.seconds) s off; 300 s are allowed",
                remedy: "let the provider send it again; check the clocks"
            )
        case .noSecretConfigured:
            self.init(
                .signatureInvalid,
                "source \(source) has no secret here, so nothing can be genuine",
                remedy: "set the variable that webhooks/\(source).yaml names under secrets"
            )
        }
    }
}
