import Glibc
@testable import Harness
import Testing

@Suite struct `What the kernel says of a process` {
    @Test func `a name with spaces and parentheses does not shift the fields`() throws {
        let line = "42 (a (b) c) S 7 42 42 0 -1 4194560 1 2 3 4 150 50 20 5 20 0 8 0 123"
        let stat = try #require(ProcessStat(line))
        #expect(stat.state == "S")
        #expect(stat.parent == 7)
        #expect(stat.cpu == .seconds(200) / sysconf(Int32(_SC_CLK_TCK)))
        #expect(stat.endedChildrenCPU == .seconds(25) / sysconf(Int32(_SC_CLK_TCK)))
    }

    @Test(arguments: ["", "42 (x) S 7", "42 (x"])
    func `a line cut short is nothing`(line: String) {
        #expect(ProcessStat(line) == nil)
    }

    @Test func `memory is read in KiB`() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"
        #expect(ProcessTable.kibibytes("VmRSS:", in: status) == 1_024)
        #expect(ProcessTable.kibibytes("VmHWM:", in: status) == 2_048)
        #expect(ProcessTable.kibibytes("VmSwap:", in: status) == nil)
    }

    @Test func `this process runs and has memory`() throws {
        #expect(ProcessTable.isRunning(getpid()))
        let memory = try ProcessTable.memory(getpid())
        #expect(memory.now > 0 && memory.now <= memory.peak)
    }

    @Test func `an ended process does not run, and ended because it was asked`() throws {
        let folder = try Children.all.makeFolder()
        defer { Children.all.stopAll() }
        let asked = ["/bin/sh", "-c", "trap 'echo asked; exit' TERM; echo up; while :; do :; done"]
        let child = try Child("looper", asked, in: folder)
        try child.wait(upTo: .seconds(10)) { child.output == "up\n" }
        #expect(child.isRunning)
        child.stop()
        #expect(!child.isRunning)
        #expect(child.output == "up\nasked\n")
        #expect(throws: BenchmarkError.self) {
            try Command.run("failing", ["/bin/sh", "-c", "echo why >&2; exit 3"], in: folder)
        }
    }
}
