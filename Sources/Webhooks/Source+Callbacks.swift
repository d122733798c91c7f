package import Entitlements

extension Source {
    /// The calls that fetch a subject's current state, in order.
    ///
    /// The URL is the configured base, the plan's path and the subject's id; nothing of it comes
    /// from a payload but the id. ``CallbackExchange`` makes these calls one after the other.
    ///
    /// - Throws: when the id cannot stand in a URL, no key is set, or the plan has no call for
    ///   the subject's kind.
    package func callback(for subject: Subject) throws(CallbackProblem) -> [CallbackRequest] {
        guard SafeID.holds(subject.id) else {
            throw CallbackProblem(
                field: subject.kind.rawValue,
                message: "cannot be asked about by this id",
                remedy: SafeID.remedy
            )
        }
        guard let fetches = definition.callback.fetches[subject.kind] else {
            throw CallbackProblem(
                field: subject.kind.rawValue,
                message: "cannot be asked about at source \(name)",
                remedy: "add callback.fetch.\(subject.kind.rawValue) to its file"
            )
        }
        let headers = try headers()
        return fetches.map { fetch in
            CallbackRequest(
                url: base + fetch.path.path(id: subject.id),
                headers: headers,
                purpose: fetch.gives
            )
        }
    }

    /// The call for what an answer left out: a list's next page, a subscription's other items, or
    /// its schedule.
    ///
    /// Nil when the answer is whole, or does not say where to go on. What it gives has to be joined
    /// to the answer before that is interpreted; ``CallbackExchange`` does that.
    package func next(
        after response: JSON,
        of request: CallbackRequest
    ) -> CallbackRequest? {
        switch request.purpose {
        case .customer, .schedule: nil
        case .subscription:
            moreItems(of: response, headers: request.sealedHeaders)
                ?? schedule(of: response, headers: request.sealedHeaders)
        case .subscriptions, .items: nextPage(after: response, of: request)
        }
    }

    /// The call for the items that a subscription's own list leaves out; nil when it has them all.
    func moreItems(of subscription: JSON, headers: [CallbackRequest.Header]) -> CallbackRequest? {
        guard isCutShort(subscription), let list = definition.map.items.list,
            let template = definition.callback.moreItems,
            let id = definition.map.id.text(in: subscription), SafeID.holds(id),
            let cursor = cursor(after: subscription.at(pointer: list))
        else { return nil }
        return CallbackRequest(
            url: Self.url(base + template.path(id: id), setting: cursor),
            headers: headers,
            purpose: .items
        )
    }

    /// The call for the schedule of which a subscription has only the id.
    private func schedule(
        of subscription: JSON,
        headers: [CallbackRequest.Header]
    ) -> CallbackRequest? {
        guard let template = definition.callback.schedule,
            let id = definition.map.schedule?.name(in: subscription), SafeID.holds(id)
        else { return nil }
        return CallbackRequest(
            url: base + template.path(id: id),
            headers: headers,
            purpose: .schedule
        )
    }

    func isCutShort(_ subscription: JSON) -> Bool {
        guard let more = definition.map.items.more else { return false }
        return subscription.at(pointer: more)?.bool == true
    }

    func isCutShort(list: JSON) -> Bool {
        guard let more = definition.callback.paging?.more else { return false }
        return list.at(pointer: more)?.bool == true
    }

    private func nextPage(after page: JSON, of request: CallbackRequest) -> CallbackRequest? {
        guard isCutShort(list: page), let paging = definition.callback.paging,
            let cursor = cursor(after: page.at(pointer: paging.list))
        else { return nil }
        return CallbackRequest(
            url: Self.url(request.url, setting: cursor),
            headers: request.sealedHeaders,
            purpose: request.purpose
        )
    }

    private func cursor(after entries: JSON?) -> (name: String, id: String)? {
        guard let paging = definition.callback.paging, !paging.cursor.isEmpty,
            let last = entries?.array?.last,
            let id = last.at(pointer: paging.entryID)?.string, SafeID.holds(id)
        else { return nil }
        return (paging.cursor, id)
    }

    private func headers() throws(CallbackProblem) -> [CallbackRequest.Header] {
        guard let apiKey else {
            throw CallbackProblem(
                field: "api_key",
                message: "is not set for source \(name)",
                remedy: definition.apiKeyVariable.map { "set \($0)" }
                    ?? "add api_key: $NAME to its file"
            )
        }
        let key = apiKey.exposed
        let value =
            switch definition.callback.authorization {
            case .bearer: "Bearer \(key)"
            case .basic: "Basic \(TextBytes.base64(of: "\(key):".utf8))"
            }
        var headers = [CallbackRequest.Header(name: "Authorization", value: value)]
        headers += definition.callback.headers
        if let name = definition.callback.accountHeader, let account {
            headers.append(CallbackRequest.Header(name: name, value: account))
        }
        return headers
    }

    /// The URL with one query parameter set, in place of what it had of that name.
    private static func url(_ url: String, setting parameter: (name: String, id: String)) -> String
    {
        let parts = url.split(separator: "?", maxSplits: 1)
        var query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map(String.init)
        query.removeAll { $0.hasPrefix("\(parameter.name)=") }
        query.append("\(parameter.name)=\(parameter.id)")
        return "\(parts[0])?\(query.joined(separator: "&"))"
    }
}
