/// How to ask the provider about a subject.
struct CallbackPlan: Sendable, Hashable {
    enum Authorization: String, Sendable, CaseIterable {
        /// `Authorization: Bearer KEY`
        case bearer
        /// HTTP Basic, the key as user, no password.
        case basic
    }

    /// One call; `{id}` in the path stands for the subject's id.
    struct Fetch: Sendable, Hashable {
        let path: PathTemplate
        let gives: CallbackRequest.Purpose
    }

    /// How a list says that it goes on, and how the next page is asked for.
    struct Paging: Sendable, Hashable {
        /// Where the entries of a list stand.
        let list: String
        /// A flag that is true while there are more; nil when lists come whole.
        let more: String?
        /// The query parameter that takes the id of the last entry.
        let cursor: String
        /// Where an entry's id stands.
        let entryID: String
    }

    let authorization: Authorization
    let headers: [CallbackRequest.Header]
    /// Sent only when the source names an account.
    let accountHeader: String?
    let fetches: [Subject.Kind: [Fetch]]
    let paging: Paging?
    /// The rest of a subscription's items, when its own list is cut short.
    let moreItems: PathTemplate?
    /// The schedule that a subscription names; nil when none is ever asked for.
    let schedule: PathTemplate?
    /// Where a customer says that it is deleted.
    let deleted: Pointers?
    /// Where a customer's own id stands.
    let customerID: Pointers
    /// Statuses that mean that the provider does not know the subject.
    let gone: Set<Int>
}

/// A path with a place for an id.
struct PathTemplate: Sendable, Hashable {
    private let before: String
    private let after: String

    /// Nil unless the template is an absolute path in printable ASCII with exactly one `{id}`.
    init?(_ template: String) {
        let parts = template.split(separator: "{id}", omittingEmptySubsequences: false)
        guard parts.count == 2, template.hasPrefix("/"), !template.hasPrefix("//"),
            HeaderText.isValue(template),
            !parts.contains(where: { $0.contains(where: { " {}#\\".contains($0) }) })
        else { return nil }
        before = String(parts[0])
        after = String(parts[1])
    }

    /// The path for an id that was found safe.
    func path(id: String) -> String {
        before + id + after
    }
}
