import Catalog
import Entitlements
package import Logging
package import Store

/// The service: every use case is a method of it, one a file.
///
/// - Checking: `judge`, `check`
/// - Consuming: `prepare(_:)`, `reserve`, `settle`, `lease`, `refund`, `adjust`, `record`
/// - Accounts: `put(account:)`, `block`, `put(subscription:)`, `createSession`, `revoke…`
/// - Exceptions and counts: `create(grant:)`, `assignSeat`, `put(level:)`; rehearsals: `set(clock:)`
/// - Configuration: `applyCatalog`, `setDisabled`, `createKey`, `rotateKey`, `revokeKey`
/// - Billing: `receive`, `replay`, `sync`
/// - Evidence: `changes`, `verify`
package struct UsherService: Sendable {
    package let store: Store
    package let barrier: BarrierReader
    package let meters: MeterWriter
    package let billing: Billing
    package let access: Access
    /// Whether an account's time may be frozen: for rehearsals, never in production.
    package let allowsTestClocks: Bool
    package let logger: Logger

    package init(
        store: Store,
        barrier: BarrierReader,
        meters: MeterWriter,
        billing: Billing,
        access: Access,
        allowsTestClocks: Bool = false,
        logger: Logger
    ) {
        self.store = store
        self.barrier = barrier
        self.meters = meters
        self.billing = billing
        self.access = access
        self.allowsTestClocks = allowsTestClocks
        self.logger = logger
    }

    /// See ``MeterCatchUp``.
    var catchUp: MeterCatchUp { MeterCatchUp(store: store, barrier: barrier) }
}
