/// Which subject the events of some types point at, or why they need no look.
struct SubjectRule: Sendable, Hashable {
    /// One place where a subject's id may stand.
    struct Place: Sendable, Hashable {
        let kind: Subject.Kind
        let pointers: Pointers
    }

    /// An event type, or the beginning of one followed by `*`.
    enum TypePattern: Sendable, Hashable {
        case exactly(String)
        case prefix(String)

        func matches(_ type: String) -> Bool {
            switch self {
            case .exactly(let text): type == text
            case .prefix(let text): type.hasPrefix(text)
            }
        }
    }

    enum Meaning: Sendable, Hashable {
        /// The first place that holds an id is the subject.
        case look([Place])
        case ignore(reason: String)
    }

    let types: [TypePattern]
    /// The shape it is for; nil means every shape.
    let shape: String?
    let meaning: Meaning

    func matches(type: String, shape: String) -> Bool {
        (self.shape ?? shape) == shape && types.contains { $0.matches(type) }
    }
}
