import Limits
package import Logging
package import Outbound
package import Store
package import Webhooks

/// Billing providers: what comes in from them, and what is fetched back.
package struct Billing: Sendable {
    /// By name.
    package let sources: [String: Source]
    package let processor: SubjectProcessor
    package let counters: WebhookCounters

    package init(
        sources: [Source],
        client: OutboundClient,
        store: Store,
        catchUp: MeterCatchUp,
        logger: Logger
    ) {
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) })
        let providers = sources.map { source in
            Provider(
                source: source,
                endpoint: Endpoint(
                    name: source.name,
                    client: client,
                    rate: Limits.callbackRate,
                    logger: logger
                )
            )
        }
        processor = SubjectProcessor(
            providers: providers,
            store: store,
            catchUp: catchUp,
            logger: logger
        )
        counters = WebhookCounters()
    }

    package func source(_ name: String) throws(Refusal) -> Source {
        guard let source = sources[name] else { throw unknownSource(name, field: "source") }
        return source
    }

    package func unknownSource(_ name: String, field: String) -> Refusal {
        let known = sources.keys.sorted().joined(separator: ", ")
        return Refusal(
            .unknownSource,
            "there is no billing source \(name)",
            field: field,
            remedy: known.isEmpty
                ? "add a file to the webhooks directory" : "configured are: \(known)"
        )
    }
}

/// A source, and the endpoint that its callbacks go to.
package struct Provider: Sendable {
    package let source: Source
    package let endpoint: Endpoint
}
