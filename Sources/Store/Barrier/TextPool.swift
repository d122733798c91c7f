import Limits
import Synchronization

/// Texts that are the same again and again, each held once.
///
/// A million sessions have a few hundred kinds of device between them.
final class TextPool: Sendable {
    static let devices = TextPool(bound: Limits.deviceTexts)

    private let bound: Int
    private let texts = Mutex<Set<String>>([])

    init(bound: Int) {
        self.bound = bound
    }

    var count: Int { texts.withLock { $0.count } }

    /// The text, with the storage of the first one like it.
    func one(_ text: String) -> String {
        texts.withLock { texts in
            if let index = texts.firstIndex(of: text) { return texts[index] }
            // Whoever has a device of its own for each session gains nothing, and costs no more.
            if texts.count == bound { texts.removeAll(keepingCapacity: true) }
            texts.insert(text)
            return text
        }
    }
}
