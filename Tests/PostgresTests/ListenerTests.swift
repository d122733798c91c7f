import Glibc
import Testing
import TestSupport

@testable import Postgres

@Suite(.emptyDatabase, .timeLimit(.minutes(5))) struct `A listener` {
    let pool: Pool

    init() {
        pool = Pool(ConnectionSettings(url: TestDatabase.url))
    }

    private func listener(_ channel: String) -> Listener {
        Listener(
            ConnectionSettings(url: TestDatabase.url, applicationName: "listener"),
            channel: channel
        )
    }

    @Test(arguments: ["plain", "With \"quotes\" and Capitals"])
    func `hears what is told after it began`(channel: String) async throws {
        var events = listener(channel).makeAsyncIterator()
        #expect(await events.next() == .reconnected)
        for payload in ["one", "", "ünï'"] {
            _ = try await pool.query("select pg_notify(\(channel), \(payload))")
        }
        _ = try await pool.query("select pg_notify('other', 'not for us')")
        _ = try await pool.query("select pg_notify(\(channel), 'end')")
        #expect(await events.next() == .payload("one"))
        #expect(await events.next() == .payload(""))
        #expect(await events.next() == .payload("ünï'"))
        #expect(await events.next() == .payload("end"))
    }

    @Test func `says that it missed something after its connection broke`() async throws {
        var events = listener("news").makeAsyncIterator()
        #expect(await events.next() == .reconnected)
        for round in 0..<3 {
            _ = try await pool.query(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                 where application_name = 'listener' and datname = current_database()
                """
            )
            #expect(await events.next() == .reconnected)
            _ = try await pool.query("select pg_notify('news', \(String(round)))")
            #expect(await events.next() == .payload(String(round)))
        }
    }

    @Test func `says that it missed something when its reader was slow`() async throws {
        var events = listener("flood").makeAsyncIterator()
        #expect(await events.next() == .reconnected)
        _ = try await pool.query(
            "select pg_notify('flood', n::text) from generate_series(1, 5000) n"
        )
        var payloads = 0
        // An end would be no event either: to wait on would be to wait for ever.
        while let event = await events.next(), event != .reconnected {
            payloads += 1
            // What makes the reader slow: a round trip for each.
            _ = try await pool.query("select")
        }
        #expect(payloads > 0 && payloads < 5_000)
        _ = try await pool.query("select pg_notify('flood', 'after')")
        // Unless the flood goes on: then the reader is told to read again once more.
        var event = await events.next()
        while case .payload(let payload) = event, payload != "after" { event = await events.next() }
        #expect(event == .payload("after") || event == .reconnected)
    }

    @Test func `closes its connection when nobody reads any more`() async throws {
        let listener = listener("news")
        let task = Task {
            for await _ in listener {}
        }
        let count: SQL = """
            select from pg_stat_activity
             where application_name = 'listener' and datname = current_database()
            """
        while try await pool.query(count).isEmpty {}
        task.cancel()
        await task.value
        while try await !pool.query(count).isEmpty {}
    }
}
