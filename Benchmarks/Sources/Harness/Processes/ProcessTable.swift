import Foundation
import Glibc

/// What the kernel says of a process.
package enum ProcessTable {
    /// Whether it is there and has not ended (a zombie has).
    package static func isRunning(_ pid: Int32) -> Bool {
        guard let line = read("/proc/\(pid)/stat"), let stat = ProcessStat(line) else {
            return false
        }
        return stat.state != "Z" && stat.state != "X"
    }

    /// CPU that a process has used, and with `children` all that descend from it directly, those
    /// that ended and were waited for included.
    package static func cpu(_ pid: Int32, children: Bool = false) -> Duration {
        guard let own = stat(pid) else { return .zero }
        guard children else { return own.cpu }
        let living = allStats().filter { $0.parent == pid }.map(\.cpu).reduce(.zero, +)
        return own.cpu + own.endedChildrenCPU + living
    }

    /// Resident memory of a process, in bytes: now, and the most there ever was.
    package static func memory(_ pid: Int32) throws -> (now: Int, peak: Int) {
        guard let status = read("/proc/\(pid)/status"),
            let now = kibibytes("VmRSS:", in: status), let peak = kibibytes("VmHWM:", in: status)
        else { throw BenchmarkError("the memory of process \(pid) cannot be read") }
        return (now << 10, peak << 10)
    }

    static func kibibytes(_ field: String, in status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(field) }) else {
            return nil
        }
        return Int(line.filter(\.isNumber))
    }

    private static func stat(_ pid: Int32) -> ProcessStat? {
        read("/proc/\(pid)/stat").flatMap(ProcessStat.init)
    }

    private static func allStats() -> [ProcessStat] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap(stat)
    }

    private static func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}

/// The fields of `/proc/PID/stat` that matter here.
struct ProcessStat: Equatable {
    let state: Substring
    let parent: Int32
    private let ownTicks: Int
    private let endedTicks: Int

    /// The name in field 2 may hold spaces and parentheses, so the fields are counted from its end.
    init?(_ line: String) {
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]),
            let user = Int(fields[11]), let system = Int(fields[12]),
            let endedUser = Int(fields[13]), let endedSystem = Int(fields[14])
        else { return nil }
        state = fields[0]
        self.parent = parent
        ownTicks = user + system
        endedTicks = endedUser + endedSystem
    }

    var cpu: Duration { .seconds(ownTicks) / Self.ticksASecond }
    var endedChildrenCPU: Duration { .seconds(endedTicks) / Self.ticksASecond }

    private static let ticksASecond = max(1, sysconf(Int32(_SC_CLK_TCK)))
}
