package import Testing

/// Waits until a condition of another process holds, which sends no signal when it does: the
/// database, or a server on a socket.
///
/// Gives up after half a minute.
package func eventually(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try await !condition() {
        try #require(.now < deadline, "waited in vain", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(5))
    }
}
