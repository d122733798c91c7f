import Foundation
import Harness

/// The repository that this program was built in: it has the catalog that the service is given.
struct Repository {
    let folder: URL

    /// Looks upwards from this program's own file, so that the working directory does not matter.
    init() throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var folder = program.deletingLastPathComponent()
        while folder.path != "/" {
            let marks = ["migrations", "plans"].map { folder.appendingPathComponent($0).path }
            if marks.allSatisfy(FileManager.default.fileExists) {
                self.folder = folder
                return
            }
            folder.deleteLastPathComponent()
        }
        throw BenchmarkError("\(program.path) is in no repository with plans/ and migrations/")
    }

    /// The service's binary: the one that was named, else the release build.
    func binary(_ named: String?) throws -> String {
        let release = folder.appendingPathComponent(".build/release/usher")
        let path = named.map { URL(fileURLWithPath: $0) } ?? release
        guard FileManager.default.isExecutableFile(atPath: path.path) else {
            throw BenchmarkError(
                "no program at \(path.path): swift build -c release --product usher"
            )
        }
        return path.path
    }
}
