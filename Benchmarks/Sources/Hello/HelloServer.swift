import Dispatch
import Glibc
import Hummingbird
import Logging

/// The smallest server that Hummingbird can be: what an ordinary route costs before it does anything.
package enum HelloServer {
    /// Answers `GET /` with a greeting on 127.0.0.1 until the process is told to stop.
    package static func run(port: Int) -> Never {
        Task {
            do {
                try await serve(port: port)
                exit(0)
            } catch {
                print("hello: \(error)")
                exit(1)
            }
        }
        dispatchMain()
    }

    private static func serve(port: Int) async throws {
        var logger = Logger(label: "hello")
        logger.logLevel = .error
        let router = Router()
        router.get("/") { _, _ in "Hello, world" }
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            logger: logger
        )
        try await application.runService()
    }
}
