import Foundation
import Glibc
import Harness
import Postgres

extension World {
    /// What the database promises of a commit, as it says itself, and what the disk takes for it.
    ///
    /// A cluster that would lose an acknowledged commit is measured by nobody.
    func durability() throws -> Durability {
        let connection = try connection()
        let names = ["fsync", "full_page_writes", "synchronous_commit"]
        var settings: [String: String] = [:]
        for name in names {
            let rows = try connection.query("select current_setting(\(name))")
            settings[name] = try rows.first?.text(0)
        }
        let durability = Durability(settings: settings, flushMicroseconds: try flush())
        progress.say(durability.words)
        guard names.allSatisfy({ settings[$0] == "on" }) else {
            throw BenchmarkError("the cluster is not durable: \(durability.words)")
        }
        return durability
    }

    /// The median time of writing 8 KiB and waiting until they are on the disk.
    private func flush() throws -> Double {
        let path = folder.appendingPathComponent("flush").path
        let file = unsafe Glibc.open(path, O_RDWR | O_CREAT, 0o600)
        guard file >= 0 else { throw BenchmarkError("cannot write \(path): errno \(errno)") }
        defer { close(file) }
        let page = [UInt8](repeating: 7, count: 8_192)
        var times: [Double] = []
        for _ in 0..<200 {
            let start = ContinuousClock.now
            let count = unsafe page.withUnsafeBytes {
                unsafe pwrite(file, $0.baseAddress, $0.count, 0)
            }
            guard count == page.count, fdatasync(file) == 0 else {
                throw BenchmarkError("cannot write \(path): errno \(errno)")
            }
            times.append((ContinuousClock.now - start).microseconds)
        }
        return times.median ?? 0
    }
}
