import Foundation
import Logging
import Postgres
import Store

/// What the databases that tests borrow look like at the start.
enum TemplateDatabase {
    /// Fills the template once in a test process: the schema of the repository's migrations.
    ///
    /// It must close its connections.
    static let prepare: @Sendable (_ url: String) async throws -> Void = { url in
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("migrations")
        var logger = Logger(label: "migrate")
        logger.logLevel = .warning
        try await Migrator(directory: folder.path)
            .migrate(ConnectionSettings(url: url), logger: logger)
    }
}
