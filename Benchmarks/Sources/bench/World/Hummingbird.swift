import Foundation
import Harness

/// Hummingbird's hello world: this program again, as `bench hello`.
struct Hummingbird {
    let child: Child
    let port: Int

    init(in folder: URL) throws {
        let port = try freePort()
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        child = try Child("hello", [program, "hello", "--port", "\(port)"], in: folder)
        self.port = port
        try child.wait(upTo: .seconds(10)) {
            (try? LoopbackClient(port: port, key: "none").send("GET", "/"))?.status == 200
        }
    }
}
