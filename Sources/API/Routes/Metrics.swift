import Outbound
import Postgres
import Service
import Store
import Webhooks

extension Routes {
    /// Everything an operator watches, as Prometheus reads it.
    ///
    /// Without the database, what needs it is left out and `usher_database_up` says so.
    func metrics() async -> String {
        var page = Exposition()
        writeChecks(to: &page)
        writeBarrier(to: &page)
        writeMeters(to: &page)
        writeCalls(to: &page)
        writeBilling(to: &page)
        await writeDatabase(to: &page)
        return page.text
    }

    private func writeChecks(to page: inout Exposition) {
        write(
            checkMetrics,
            "usher_check",
            "Features decided, by answer; refused are calls that got no decision.",
            "From a check's arrival to its answer.",
            to: &page
        )
        write(
            consumeMetrics,
            "usher_consume",
            "Features consumed, by answer; refused are calls that got no decision.",
            "From the arrival of a request to consume to its answer.",
            to: &page
        )
    }

    private func write(
        _ metrics: CheckMetrics,
        _ name: String,
        _ answers: String,
        _ duration: String,
        to page: inout Exposition
    ) {
        let figures = metrics.figures
        page.add(
            "\(name)s_total",
            "counter",
            answers,
            [
                ([("answer", "allowed")], Double(figures.allowed)),
                ([("answer", "denied")], Double(figures.denied)),
                ([("answer", "refused")], Double(figures.refused)),
            ]
        )
        page.addHistogram(
            "\(name)_duration_seconds",
            duration,
            bounds: CheckMetrics.boundsMicroseconds.map { Double($0) / 1_000_000 },
            counts: figures.buckets,
            sum: Double(figures.nanoseconds) / 1_000_000_000
        )
    }

    private func writeMeters(to page: inout Exposition) {
        let figures = usher.meters.statistics.figures
        let counters: [(String, String, Int)] = [
            (
                "usher_meter_orders_total",
                "Requests, events and corrections that were carried out on meters.",
                figures.orders
            ),
            (
                "usher_meter_transactions_total",
                "Transactions that carried them out.",
                figures.transactions
            ),
            ("usher_meters_written_total", "Rows of meters written.", figures.metersWritten),
            ("usher_meters_loaded_total", "Rows of meters read first.", figures.metersLoaded),
            (
                "usher_meter_conflicts_total",
                "Transactions done again, since another instance had written their meters.",
                figures.conflicts
            ),
            (
                "usher_meter_failures_total",
                "Requests, events and corrections that could not be carried out.",
                figures.failures
            ),
        ]
        for (name, help, value) in counters { page.add(name, "counter", help, value) }
        page.add("usher_meters_held", "gauge", "Meters in memory.", figures.metersHeld)
    }

    private func writeBarrier(to page: inout Exposition) {
        let figures = usher.barrier.statistics.figures
        page.addHistogram(
            "usher_barrier_checks",
            "Checks answered by one barrier read.",
            bounds: BarrierStatistics.batchBounds.map(Double.init),
            counts: figures.batches,
            sum: Double(figures.answered)
        )
        page.add("usher_barrier_reads_total", "counter", "Barrier reads.", figures.reads)
        page.add(
            "usher_barrier_keys_loaded_total",
            "counter",
            "Accounts and sessions that memory did not hold.",
            figures.keysLoaded
        )
        page.add(
            "usher_barrier_keys_changed_total",
            "counter",
            "Changed keys that the feed announced.",
            figures.keysChanged
        )
        page.add(
            "usher_barrier_configurations_loaded_total",
            "counter",
            "Loads of the whole configuration.",
            figures.fresh
        )
        page.add(
            "usher_barrier_rows_unreadable_total",
            "counter",
            "Rows that this program cannot read; what they would open is closed.",
            figures.unreadable
        )
        page.add("usher_accounts_held", "gauge", "Accounts in memory.", figures.accountsHeld)
        page.add("usher_sessions_held", "gauge", "Sessions in memory.", figures.sessionsHeld)
    }

    private func writeCalls(to page: inout Exposition) {
        let samples = edgeMetrics.figures.map { key, count in
            (
                labels: [
                    ("route", key.route), ("method", key.method), ("status", "\(key.status)"),
                ],
                value: Double(count)
            )
        }
        page.add(
            "usher_http_requests_total",
            "counter",
            "Requests of the ordinary pipeline; hot checks are counted as checks.",
            samples.sorted { "\($0.labels)" < "\($1.labels)" }
        )
    }

    private func writeBilling(to page: inout Exposition) {
        let deliveries = usher.billing.counters.figures.map { key, count in
            (
                labels: [("source", key.source), ("outcome", key.outcome)],
                value: Double(count)
            )
        }
        page.add(
            "usher_webhooks_total",
            "counter",
            "Deliveries by outcome, refused ones included.",
            deliveries.sorted { "\($0.labels)" < "\($1.labels)" }
        )
        let providers = usher.billing.processor.all
        let figures: [(String, String, KeyPath<Figures, Int>)] = [
            ("usher_callbacks_total", "Calls to providers.", \.calls),
            ("usher_callback_failures_total", "Calls that failed.", \.failures),
            ("usher_callbacks_held_total", "Calls that breaker or rate held back.", \.refused),
        ]
        for (name, help, path) in figures {
            page.add(
                name,
                "counter",
                help,
                providers.map { provider in
                    let statistics = Figures(provider)
                    return ([("source", provider.source.name)], Double(statistics[keyPath: path]))
                }
            )
        }
        page.add(
            "usher_callback_breaker_open",
            "gauge",
            "1 while a provider is not called.",
            providers.map { provider in
                let isClosed = provider.endpoint.statistics.breaker == .closed
                return ([("source", provider.source.name)], isClosed ? 0 : 1)
            }
        )
    }

    private func writeDatabase(to page: inout Exposition) async {
        let pool = usher.store.pool.statistics
        page.add("usher_pool_in_use", "gauge", "Connections lent.", pool.inUse)
        page.add("usher_pool_waiting", "gauge", "Calls waiting for a connection.", pool.waiting)
        let gauges = try? await gauges.current(of: usher.store)
        page.add("usher_database_up", "gauge", "Whether it answers.", gauges == nil ? 0 : 1)
        guard let gauges else { return }
        page.add("usher_feed_rows", "gauge", "Rows in the feed.", Int(gauges.feed))
        page.add("usher_inbox_depth", "gauge", "Subjects to be fetched.", Int(gauges.undone))
        page.add(
            "usher_inbox_oldest_seconds",
            "gauge",
            "Age of the oldest event that is not in force.",
            [([], gauges.oldestSeconds)]
        )
    }
}

/// A provider's counts.
private struct Figures {
    let calls: Int
    let failures: Int
    let refused: Int

    init(_ provider: Provider) {
        let statistics = provider.endpoint.statistics
        calls = statistics.calls
        failures = statistics.failures
        refused = statistics.refused
    }
}
