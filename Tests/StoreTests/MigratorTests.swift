import Foundation
import Postgres
import Store
import TestSupport
import Testing

@Suite(.emptyDatabase, .timeLimit(.minutes(5))) struct `A migrator` {
    let settings = ConnectionSettings(url: TestDatabase.url)

    private func migrate(_ directory: String) async throws -> [String] {
        try await Migrator(directory: directory).migrate(settings, logger: .silent)
    }

    private func write(_ files: [String: String], into folder: String) throws {
        for (name, sql) in files {
            try Data(sql.utf8).write(to: URL(filePath: folder + "/" + name))
        }
    }

    private func number(_ sql: SQL) async throws -> Int64 {
        try await Connection(settings).query(sql)[0].int64(0)
    }

    private func text(_ sql: SQL) async throws -> String {
        try await Connection(settings).query(sql)[0].text(0)
    }

    private static let two = [
        "0001_make_a.sql": "create table a (n int); insert into a values (1);",
        "0002_make_b.sql": "create table b (n int);",
    ]

    @Test func `brings an empty database to the newest schema, and then does nothing`()
        async throws
    {
        let names = try FileManager.default.contentsOfDirectory(atPath: Shop.migrations)
            .filter { $0.hasSuffix(".sql") }.sorted()
        #expect(names.count >= 5)
        #expect(try await migrate(Shop.migrations) == names)
        let before = try await number("select count(*) from pg_class")
        #expect(try await migrate(Shop.migrations) == [])
        #expect(try await number("select count(*) from pg_class") == before)
        #expect(try await number("select max(version) from migration") == Int64(names.count))
        // What it made is of use.
        _ = try await Shop(url: settings.url).open("acme")
    }

    @Test func `goes on from where a database stands`() async throws {
        try await TemporaryFolder.with { folder in
            try write(Self.two, into: folder)
            try write(["README.md": "not a migration"], into: folder)
            #expect(try await migrate(folder) == ["0001_make_a.sql", "0002_make_b.sql"])
            try write(["0003_add.sql": "insert into a select n + 1 from a"], into: folder)
            #expect(try await migrate(folder) == ["0003_add.sql"])
            #expect(try await number("select count(*) from a") == 2)
        }
    }

    /// A table that is rewritten is locked as long as that takes, and checks wait.
    @Test func `rewrites no row of the tables that grow`() async throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Shop.migrations)
            .filter { $0.hasSuffix(".sql") }.sorted()
        let grown = ["account", "subscription", "session", "change"].map { "'\($0)'::regclass" }
        let storage = SQL(
            text: """
                select string_agg(pg_relation_filenode(t)::text, ' ' order by t)
                  from unnest(array[\(grown.joined(separator: ","))]) as t
                """
        )
        try await TemporaryFolder.with { folder in
            for (number, file) in files.enumerated() {
                let sql = try String(contentsOfFile: Shop.migrations + "/" + file, encoding: .utf8)
                try write([file: sql], into: folder)
                // The first release had five.
                guard number >= 4 else { continue }
                let before = number == 4 ? nil : try await text(storage)
                #expect(try await migrate(folder).last == file)
                if let before { #expect(try await text(storage) == before, "\(file)") }
            }
        }
    }

    @Test func `may run beside others: each file lands once`() async throws {
        let settings = settings
        let landed = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await Migrator(directory: Shop.migrations)
                        .migrate(settings, logger: .silent)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(landed.count == Set(landed).count)
        #expect(try await number("select count(*) from migration") == Int64(landed.count))
    }

    @Test func `leaves nothing of a migration that fails, and can go on when it is mended`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            try write(Self.two, into: folder)
            try write(
                ["0002_make_b.sql": "create table b (n int); insert into a values (2); select 1/0"],
                into: folder
            )
            let error = try await #require(throws: PostgresError.self) {
                try await migrate(folder)
            }
            #expect(error.sqlState == "22012")
            #expect(try await number("select count(*) from a") == 1)
            #expect(try await number("select count(*) from pg_class where relname = 'b'") == 0)
            #expect(try await number("select max(version) from migration") == 1)
            try write(Self.two, into: folder)
            #expect(try await migrate(folder) == ["0002_make_b.sql"])
        }
    }

    @Test func `lands a migration and its record together`() async throws {
        try await TemporaryFolder.with { folder in
            try write(Self.two, into: folder)
            try write(
                [
                    "0002_make_b.sql":
                        "create table b (); alter table migration add check (version < 2)"
                ],
                into: folder
            )
            let error = try await #require(throws: PostgresError.self) {
                try await migrate(folder)
            }
            #expect(error.sqlState == "23514")
            #expect(try await number("select count(*) from pg_class where relname = 'b'") == 0)
        }
    }

    @Test func `refuses a file that was edited after it had landed`() async throws {
        try await TemporaryFolder.with { folder in
            try write(Self.two, into: folder)
            _ = try await migrate(folder)
            try write(["0001_make_a.sql": "create table a (n int); --"], into: folder)
            try write(["0003_more.sql": "create table c ()"], into: folder)
            let refusal = try await #require(throws: Migrator.Refusal.self) {
                try await migrate(folder)
            }
            #expect(refusal.description.contains("0001_make_a.sql was edited"))
            #expect(refusal.description.contains("Restore the file"))
            #expect(try await number("select max(version) from migration") == 2)
        }
    }

    @Test func `refuses a database that is newer than the program`() async throws {
        try await TemporaryFolder.with { folder in
            try write(Self.two, into: folder)
            _ = try await migrate(folder)
            try FileManager.default.removeItem(atPath: folder + "/0002_make_b.sql")
            let refusal = try await #require(throws: Migrator.Refusal.self) {
                try await migrate(folder)
            }
            #expect(refusal.description.contains("it has migration 0002_make_b.sql"))
            #expect(refusal.description.contains("newest known here is 0001_make_a.sql"))
            #expect(refusal.description.contains("Run a newer usher"))
        }
    }
}

@Suite struct `A folder of migrations` {
    @Test(arguments: [
        (["0001_a.sql", "0003_c.sql"], "0003_c.sql: expected number 2"),
        (["0002_b.sql"], "0002_b.sql: expected number 1"),
        (["0001_a.sql", "0001_b.sql"], "0001_b.sql: expected number 2"),
        (["1_a.sql"], "1_a.sql: a migration is named NNNN_verb_noun.sql"),
        (["first.sql"], "first.sql: a migration is named NNNN_verb_noun.sql"),
    ])
    func `is refused when its names leave the order open`(
        names: [String],
        problem: String
    ) async throws {
        try await TemporaryFolder.with { folder in
            for name in names { try Data().write(to: URL(filePath: folder + "/" + name)) }
            let refusal = try #require(throws: Migrator.Refusal.self) {
                try Migrator(directory: folder)
            }
            #expect(refusal.description.contains(problem))
        }
    }

    @Test func `that is not there is named`() throws {
        let refusal = try #require(throws: Migrator.Refusal.self) {
            try Migrator(directory: "/nonexistent/migrations")
        }
        #expect(refusal.description.contains("/nonexistent/migrations"))
        #expect(refusal.description.contains("USHER_MIGRATIONS_DIR"))
    }
}
