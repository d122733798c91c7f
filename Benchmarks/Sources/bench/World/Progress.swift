import Foundation
import Harness

/// Lines that say what the run is at, with the seconds since its start; on standard error, so that
/// the tables can be piped.
struct Progress {
    private let start = ContinuousClock.now

    func say(_ words: String) {
        let seconds = (ContinuousClock.now - start).seconds
        let stamp = Format.fixed(seconds, 0)
        let line = String(repeating: " ", count: max(0, 4 - stamp.count)) + "\(stamp) s  \(words)\n"
        FileHandle.standardError.write(Data(line.utf8))
    }
}
