package import Entitlements
import Postgres

/// How much was used in one of several windows.
package struct WindowUsage: Sendable, Equatable {
    /// Which of the windows.
    package let window: Int
    /// Whose, where users are told apart; nil of nobody in particular.
    package let user: String?
    package let units: Int64
    package let requests: Int64
}

/// What of an account's usage is wanted.
package struct UsageQuestion: Sendable, Equatable {
    package let account: String
    package let feature: String
    /// The beginnings of windows that follow on each other, and the end of the last.
    package let bounds: [Instant]
    /// Only this user's.
    package var user: String?
    package var isByUser: Bool

    package init(
        account: String,
        feature: String,
        bounds: [Instant],
        user: String? = nil,
        isByUser: Bool = false
    ) {
        self.account = account
        self.feature = feature
        self.bounds = bounds
        self.user = user
        self.isByUser = isByUser
    }
}

extension Store {
    /// What was used, window by window; windows without any are left out.
    ///
    /// Exact: what is summed up by the hour, and the ledger from there on, as of one snapshot.
    ///
    /// - Returns: One more than `most` at the most.
    package func usage(_ question: UsageQuestion, atMost most: Int) async throws -> [WindowUsage] {
        try await pool.transaction(isolation: .repeatableRead) { connection in
            // A value of its own, so that the planner sees how little of the ledger it leaves.
            let rollup = try await connection.query("select upto from usage_rollup")
            let upto = try rollup.first?.int64("upto") ?? 0
            return
                try await connection
                .query(Self.usage(question, unsummedFrom: upto, atMost: most))
                .map(WindowUsage.init)
        }
    }

    static func usage(
        _ question: UsageQuestion,
        unsummedFrom upto: Int64,
        atMost most: Int
    ) -> SQL {
        let first = question.bounds.first ?? .earliestWritten
        let end = question.bounds.last ?? .earliestWritten
        let starts: SQL = """
            (select array_agg(moment(b) order by b)
               from unnest(\(question.bounds.dropLast().map(\.microseconds))::bigint[]) as b)
            """
        let isByUser = question.isByUser || question.user != nil
        let sums: SQL = isByUser ? "usage_hour_user h" : "usage_hour h"
        let user: SQL = question.isByUser ? "user_id" : "''"
        let isUser: SQL = question.user.map { "and user_id = \($0)" } ?? ""
        return """
            select place, nullif(who, '') as user_id, saturated(sum(units)) as units,
                   saturated(sum(requests)) as requests
              from (select width_bucket(h.hour, \(starts)) as place, \(user) as who, units, requests
                      from \(sums)
                     where account_id = \(question.account) and feature_id = \(question.feature)
                       and hour >= \(instant: first) and hour < \(instant: end)
                       \(isUser)
                    union all
                    select width_bucket(e.at::timestamptz, \(starts)), coalesce(\(user), ''),
                           units, case when units > 0 then requests else 0 end
                      from meter_entry e
                     where account_id = \(question.account) and feature_id = \(question.feature)
                       and at >= \(instant: first) and at < \(instant: end)
                       and number >= \(upto) and units <> 0 and not is_share
                       \(isUser)) as used
             group by place, who
             order by place, who
             limit \(most + 1)
            """
    }
}

extension WindowUsage {
    fileprivate init(_ row: Row) throws {
        window = Int(try row.int64("place")) - 1
        user = try row.textIfPresent("user_id")
        units = try row.int64("units")
        requests = try row.int64("requests")
    }
}
