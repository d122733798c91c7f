/// Every bound of the service, each with its reason.
///
/// A bound that the operator may move is read from configuration with the value here as its
/// default; all others are constants. Durations are of the type `Duration`, sizes are bytes.
package enum Limits {
    // MARK: HTTP

    /// Largest request body.
    ///
    /// Stripe's largest events are some 200 KiB; more is answered 413.
    package static let bodyBytes = 1 << 20
    /// Largest body of a check, which is read before anybody knows who asks: 256 names of 128.
    package static let checkBodyBytes = 64 << 10
    /// Largest request head.
    ///
    /// A bearer key, a session and tracing headers take under 2 KiB; 431.
    package static let headerBytes = 16 << 10
    /// Largest body that the hot front takes: a batch of 256 feature names of 16 bytes fits.
    package static let hotBodyBytes = 4 << 10
    /// Answers owed on one connection before the front stops reading it (pipelining).
    package static let hotOwedAnswers = 64
    /// Header fields that the hot front takes: browsers and proxies together send under 40.
    package static let hotHeaderFields = 64
    /// Longest `X-Request-Id` that is taken over; UUIDs, ULIDs and trace ids take under 64.
    package static let requestIDCharacters = 128
    /// Features in one batch; 400 beyond.
    package static let batchFeatures = 256
    /// How long a connection may sit idle between requests.
    package static let idleConnection: Duration = .seconds(75)
    /// A whole request, first byte to last: a slow client cannot hold a connection longer.
    package static let wholeRequest: Duration = .seconds(30)
    /// How long an idle connection stays open at a shutdown: a request that its client sent just
    /// then is on its way for less than a round trip of any distance.
    package static let quiesceGrace: Duration = .milliseconds(300)
    /// Connections at once; an idle one takes some 10 to 20 KiB, so all of them some 200 MiB.
    package static let connections = 10_000
    /// Rows on a page of a list, when the caller names no number, and at most.
    package static let pageRows = (standard: 50, most: 200)

    // MARK: Checks

    /// Checks that may wait for a barrier; beyond it 503 with Retry-After, at once.
    package static let checkQueue = 10_000
    /// Keys that one barrier loads.
    ///
    /// Keeps its parameters under a socket's buffer, so a pipelined send can never wait for a
    /// reader that is itself waiting.
    package static let barrierKeys = 512
    /// Decoded accounts held in memory (about 1 KiB each), and sessions (about 200 bytes each).
    package static let accountsHeld = 100_000
    package static let sessionsHeld = 1_000_000
    /// Kinds of device that sessions share the text of; apps name some hundreds.
    package static let deviceTexts = 4_096
    /// How long the feed of changed keys is kept.
    ///
    /// An instance that was away longer starts afresh.
    package static let feedRetention: Duration = .seconds(120)

    // MARK: Consuming

    /// Requests that may wait for the writer of meters; beyond it 503 with Retry-After, at once.
    package static let consumeQueue = 10_000
    /// Requests that one transaction carries out: more would make the first of them wait.
    package static let consumeBatch = 512
    /// Meters held in memory, some 300 bytes each.
    package static let metersHeld = 131_072
    /// Longest wait of the writer for a meter that somebody else has locked: all others wait too.
    package static let meterLock: Duration = .milliseconds(500)
    /// How long the writer takes a failing transaction apart, to find what cannot be done.
    package static let meterRecovery: Duration = .seconds(2)
    /// Tries of a transaction of the writer before its requests are told to come again.
    package static let meterTries = 5
    /// Features of one request that is carried out as a whole, or not at all.
    package static let consumeFeatures = 32
    /// Largest quantity of a request: sums of some thousand of them still fit.
    package static let consumeUnits: Int64 = 1_000_000_000_000_000
    /// How late an event may come and still count in the period of its time, and how far ahead of
    /// the clock (reference: entitlement rules, late events).
    package static let lateEvents: Duration = .seconds(86_400)
    package static let earlyEvents: Duration = .seconds(300)
    /// Longest source and id of an event together, in bytes: they are one key of an index with the
    /// account, and Postgres takes keys of up to 2,704.
    package static let eventNameBytes = 1_024
    /// Events of one request.
    package static let usageEvents = 1_000
    /// Credits of an account that a decision reads, of all features.
    package static let creditsRead = 256
    /// How long an event is remembered, so that it counts once: longer than senders repeat it.
    package static let usageEventsKept: Duration = .seconds(7 * 86_400)
    /// How long a reservation or lease that is over can be asked for.
    package static let reservationsKept: Duration = .seconds(7 * 86_400)
    /// Windows of one answer about usage, and rows of one that tells users apart.
    package static let usageWindows = 1_000
    package static let usageRows = 10_000
    /// How long lines of the ledger are kept, and sums by the hour: a year and a month to compare it
    /// with, and two years and some.
    package static let ledgerDays = 400
    package static let usageDays = 800
    /// Months for which the ledger has room ahead: an instance that is not restarted makes more.
    package static let ledgerMonthsAhead = 3
    /// Lines of the ledger that one transaction sums up, some 100 ms of work, and such transactions
    /// of one round: more than 60,000 lines a second.
    package static let sumUp = (lines: 20_000, steps: 100)
    /// Ended periods that are looked at together, and how often in one round.
    package static let sweep = (meters: 500, steps: 40)
    /// Old rows that one statement deletes, and such statements of one round.
    package static let pruneRows = 10_000
    package static let pruneSteps = 50
    /// How often the ledger's partitions are looked after.
    package static let ledgerUpkeep: Duration = .seconds(3_600)
    /// How long answers under a key are kept: longer than an event may be late.
    package static let consumeKeys: Duration = .seconds(2 * 86_400)
    /// Longest life of a reservation (reference: entitlement rules, reservations), and of a lease
    /// between two heartbeats.
    package static let reservationSeconds: Int64 = 86_400
    package static let leaseSeconds: Int64 = 3_600
    /// How long one is held that says nothing: a job of some minutes, and a heartbeat or two missed.
    package static let reservationStandardSeconds: Int64 = 600
    package static let leaseStandardSeconds: Int64 = 60

    // MARK: Postgres

    /// Longest time to open a connection to one host.
    package static let connect: Duration = .seconds(3)
    /// Longest statement; management statements are index reads and single-row writes.
    package static let statement: Duration = .seconds(2)
    /// Longest wait for a row or advisory lock.
    package static let lock: Duration = .seconds(2)
    /// A transaction that its client forgot would hold back pruning and locks.
    package static let idleInTransaction: Duration = .seconds(10)
    /// Unacknowledged bytes on a connection to a host that went away (TCP only).
    package static let tcpUser: Duration = .seconds(5)
    /// Added to a statement's own bound before the client gives its connection up: the server
    /// ends a slow statement itself, so only a frozen or unreachable server gets this far.
    package static let answerSlack: Duration = .milliseconds(500)
    /// Longest wait for a connection of the pool; 503 beyond.
    package static let poolWait: Duration = .seconds(1)
    /// Connections of the pool.
    ///
    /// Management and webhooks; checks have one of their own.
    package static let poolConnections = 8
    /// Tries of a transaction that ended with 40001 or 40P01.
    package static let transactionTries = 5
    /// Waits between those tries: first, and the most.
    package static let transactionRetry = (
        first: Duration.milliseconds(5), most: Duration.milliseconds(200)
    )
    /// Waits between attempts to reconnect: first, and the most.
    package static let reconnect = (first: Duration.milliseconds(50), most: Duration.seconds(2))
    /// Prepared statements kept on one connection.
    package static let preparedStatements = 256
    /// How long a listener hears nothing before it asks whether the server is still there.
    package static let listenerPing: Duration = .seconds(10)
    /// Notifications that wait for a slow reader; beyond, they are one instruction to read again.
    package static let listenerBuffer = 1_024
    /// Longest start of an embedded server: crash recovery replays up to 1 GiB of log.
    package static let embeddedStart: Duration = .seconds(300)
    /// Longest fast shutdown of an embedded server, before it is ended without a checkpoint.
    package static let embeddedStop: Duration = .seconds(30)

    // MARK: Callbacks to providers

    /// Longest time to connect to a provider, and longest whole call.
    package static let callbackConnect: Duration = .seconds(3)
    package static let callback: Duration = .seconds(10)
    /// Largest answer of a provider; a subscription with 20 items is some 60 KiB.
    package static let callbackBytes = 1 << 20
    /// Calls in flight at once.
    ///
    /// libcurl's own queue would eat the timeout of those that wait.
    package static let callbacksInFlight = 32
    /// Connections pooled to one host, and how long an idle one is trusted (curl#10646).
    package static let callbackConnections = 4
    package static let callbackConnectionAge: Duration = .seconds(20)
    /// Longest wait that a `Retry-After` can ask of us.
    package static let retryAfterMost: Duration = .seconds(600)
    /// Largest head of an answer, with interim answers and trailers; Stripe's is some 2 KiB.
    package static let callbackHeaderBytes = 64 << 10
    /// Longest wait for an endpoint's own rate; beyond it the call is refused and comes back later.
    package static let callbackRateWait: Duration = .seconds(2)
    /// Failures that open a breaker: so many in a row, or half of so many calls.
    package static let breakerFailures = (consecutive: 5, window: 20)
    /// How long a breaker stays open, doubling while its probes fail.
    package static let breakerOpen = (first: Duration.seconds(30), most: Duration.seconds(300))
    /// When a probe that was never heard of again makes room for another: longer than a callback.
    package static let breakerProbe: Duration = .seconds(15)

    /// Calls a second to one provider.
    ///
    /// Stripe allows 25 an endpoint (docs.stripe.com/rate-limits).
    package static let callbackRate = 20

    // MARK: Webhooks

    /// Clock skew between us and a sender, in both directions.
    package static let signatureTolerance: Duration = .seconds(300)
    /// How long a webhook's request waits for its callback and apply before 202 `queued`.
    package static let webhookInline: Duration = .seconds(2)
    /// How long one worker may hold a subject: longer than a callback and its apply.
    package static let subjectLease: Duration = .seconds(30)
    /// Attempts at one subject before it is a dead letter.
    package static let webhookAttempts = 12
    /// Secrets tried for one source.
    package static let webhookSecrets = 8
    /// Candidate signatures read from one header.
    ///
    /// Stripe sends one for each active secret.
    package static let signatureCandidates = 16
    /// Longest id of a provider; Stripe promises at most 255 characters.
    package static let providerIDCharacters = 255
    /// Longest event type; the longest of Stripe's has under 80 characters.
    package static let eventTypeCharacters = 128
    /// Pages followed for one subject: 2,000 entries at 100 a page.
    ///
    /// Beyond it something is wrong.
    package static let callbackPages = 20

    /// How often the inbox is looked through for what is due: retries, and other instances' work.
    package static let subjectPoll: Duration = .milliseconds(500)

    // MARK: Beside the calls

    /// Longest graceful shutdown: a webhook's callback under way takes ten seconds at most.
    package static let shutdown: Duration = .seconds(25)

    /// How long the body of a settled event is kept (reference: billing webhooks, dead letters).
    package static let inboxBodies: Duration = .seconds(90 * 86_400)
    /// How long the counts of `/metrics` that cost a scan are kept.
    package static let gaugesKept: Duration = .seconds(5)
    /// How often the feed is pruned and missed webhooks are looked for.
    package static let housekeeping: Duration = .seconds(30)

    // MARK: Grants and clocks

    /// Grants of one account, one user or one session that have not ended.
    ///
    /// A check goes through those that bear on it, and reads them where memory does not hold them;
    /// what more customers than this are owed belongs into a plan. 409 beyond.
    package static let liveGrants = 1_000
    /// Grants of one account, user or session that a check reads, the latest to end before others.
    ///
    /// With more than that, a history of years would hold up other checks.
    package static let grantsRead = 2 * liveGrants
    /// Credits of one feature that an account has and that are not over.
    ///
    /// A check goes through all of them, in the order in which they are burnt. 409 beyond.
    package static let creditsLive = 64
    /// Longest `ttl_seconds` of a grant or a credit, ten years: what is meant to stay has no end.
    package static let grantSeconds: Int64 = 315_360_000
    /// Farthest that a test clock is moved at once: a century, which no rehearsal needs.
    package static let clockAdvanceSeconds: Int64 = 3_153_600_000

    // MARK: Names

    /// Shortest bootstrap key: it opens everything, and cannot be revoked while Usher runs.
    package static let adminKeyBytes = 24

    /// Longest name of an account, user, feature, plan or key: `[A-Za-z0-9_.:-]{1,128}`.
    package static let nameCharacters = 128
    /// Longest id of a session, a grant or a credit: `ses_`, `grt_` or `crd_`, 26 characters, `_` and the account.
    package static let sessionIDCharacters = 31 + nameCharacters
    /// Longest free text: reasons, display names, device descriptions.
    package static let textCharacters = 1_024

    // MARK: Subscriptions

    /// Most pieces of one subscription: times the largest limit it saturates, and never overflows.
    package static let quantity: Int64 = 1_000_000_000
    /// Most units in one billing period: 1,000 months are 83 years.
    package static let periodCount: Int64 = 1_000
    /// Subscriptions on a page of a migration, when the caller names no number, and at most: each
    /// page is one transaction, which holds its accounts' locks.
    package static let migrationPage = (standard: 100, most: 500)
    /// Longest statement of such a page: each subscription writes a change with its hash.
    package static let migrationStatement: Duration = .seconds(20)

    // MARK: Command line

    /// Longest call of a command: the service ends a whole request after `wholeRequest` itself.
    package static let commandCall = wholeRequest + .seconds(5)
    /// Largest answer a command takes: a page of 200 changes with rows before and after is some
    /// 10 MiB when every text in it has its most characters.
    package static let commandAnswerBytes = 32 << 20
    /// How long the demo asks on for an acknowledged change before it calls the promise broken.
    package static let demoPatience: Duration = .seconds(5)
}
