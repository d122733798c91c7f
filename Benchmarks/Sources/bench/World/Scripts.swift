import Foundation

/// The scripts that other programs run, written from this program into the run's folder.
struct Scripts {
    let seed: URL
    let bodies: URL
    let readRows: URL
    let readNarrow: URL
    let change: URL
    let wrkChecks: URL
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
        wrkChecks = try write("checks.lua", PackageResources.check_lua, PackageResources.done_lua)
        wrkGet = try write("get.lua", PackageResources.done_lua)
    }
}
