import Foundation

/// The scripts that other programs run, written from this program into the run's folder.
struct Scripts {
    let seed: URL
    let bodies: URL
    let readRows: URL
    let readNarrow: URL
    let change: URL
    let consumers: URL
    let hotConsumers: URL
    let counters: URL
    let countRandom: URL
    let countHot: URL
    let wrkRequests: URL
    let wrkGet: URL

    init(in folder: URL) throws {
        func write(_ name: String, _ parts: [UInt8]...) throws -> URL {
            let file = folder.appendingPathComponent(name)
            try Data(parts.joined()).write(to: file)
            return file
        }
        seed = try write("seed.sql", PackageResources.seed_sql)
        bodies = try write("bodies.sql", PackageResources.bodies_sql)
        readRows = try write("read_rows.sql", PackageResources.read_rows_sql)
        readNarrow = try write("read_narrow.sql", PackageResources.read_narrow_sql)
        change = try write("change.sql", PackageResources.change_sql)
        consumers = try write("consumers.sql", PackageResources.consumers_sql)
        hotConsumers = try write("hot_consumers.sql", PackageResources.hot_consumers_sql)
        counters = try write("counters.sql", PackageResources.counters_sql)
        countRandom = try write("count_random.sql", PackageResources.count_random_sql)
        countHot = try write("count_hot.sql", PackageResources.count_hot_sql)
        wrkRequests = try write(
            "requests.lua",
            PackageResources.requests_lua,
            PackageResources.done_lua
        )
        wrkGet = try write("get.lua", PackageResources.done_lua)
    }
}
