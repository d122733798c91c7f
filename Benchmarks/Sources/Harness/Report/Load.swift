/// One kind of load: what was asked, over how many connections.
package struct Load: Sendable, Hashable, Codable, CodingKeyRepresentable,
    CustomStringConvertible
{
    package enum Target: String, Sendable, Codable, CaseIterable {
        /// Strict checks, everything held in memory.
        case check
        /// Strict checks while the service may hold a tenth only.
        case boundedCheck
        /// The same requests, answered by nginx with as many bytes.
        case nginx
        /// A bare GET, answered by nginx with as many bytes.
        case nginxGet
        /// A bare GET, answered by Hummingbird with a greeting.
        case hummingbird
        /// GET of 1 KB, no pipelining.
        case redis
        /// The rows that a check rests on, one prepared statement for each.
        case pgbenchRows
        /// The session and its account's revision only.
        case pgbenchNarrow
        /// One unit of a random account's counter, durably.
        case consume
        /// One unit of the same counter for all.
        case consumeHot
        /// The requests of a consume, answered by nginx with as many bytes.
        case nginxConsume
        /// A conditional update of a random counter, one a transaction.
        case counterRandom
        /// The same of one counter.
        case counterHot
        /// Strict checks of one feature that is not counted.
        case plainCheck
        /// Strict checks of one feature that shows its live counter.
        case meteredCheck
    }

    package let target: Target
    package let connections: Int

    package init(_ target: Target, _ connections: Int) {
        self.target = target
        self.connections = connections
    }

    /// `check@64`, in `--json` and in progress.
    package var description: String { "\(target.rawValue)@\(connections)" }

    package var codingKey: any CodingKey { Key(stringValue: description) }

    package init?(codingKey: some CodingKey) {
        let parts = codingKey.stringValue.split(separator: "@")
        guard parts.count == 2, let target = Target(rawValue: String(parts[0])),
            let connections = Int(parts[1])
        else { return nil }
        self.init(target, connections)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
