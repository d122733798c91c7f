import Limits
package import Logging
import ServiceLifecycle
import Webhooks

/// Works on subjects that a request did not wait for: retries, links, sweeps, other instances'.
package struct SubjectWorker: Service {
    private let processor: SubjectProcessor
    private let logger: Logger

    package init(processor: SubjectProcessor, logger: Logger) {
        self.processor = processor
        self.logger = logger
    }

    /// A loop for each source, so that a slow provider holds up no other.
    package func run() async throws {
        await withTaskGroup { group in
            for provider in processor.all {
                group.addTask { await run(provider.source.name) }
            }
        }
        await processor.drain()
    }

    private func run(_ source: String) async {
        while await pause(for: Limits.subjectPoll) {
            do {
                // A backlog may be long: it is left to the next start, or another instance.
                while !Task.isShuttingDownGracefully, try await processor.workOnDue(source) {}
            } catch {
                logger.warning(
                    "the inbox waits",
                    metadata: ["source": "\(source)", "error": "\(error)"]
                )
            }
        }
    }
}
