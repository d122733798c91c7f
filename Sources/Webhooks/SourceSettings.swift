import Limits

/// Reads a source's settings from the environment, naming the variable and never the value.
struct SourceSettings {
    let source: String
    private let values: [String: String]

    init(of definition: SourceDefinition, environment: (String) -> String?) {
        source = definition.name
        let variables = [
            definition.secretsVariable, definition.apiKeyVariable, definition.accountVariable,
            definition.base.variable,
        ]
        var values: [String: String] = [:]
        for variable in variables.compactMap(\.self) { values[variable] = environment(variable) }
        self.values = values
    }

    func secrets(of definition: SourceDefinition) throws(SettingProblem) -> [Secret] {
        let variable = definition.secretsVariable
        var texts = (try plain(variable) ?? "").split(separator: ",").map { $0.trimmed }
        texts.removeAll(where: \.isEmpty)
        if definition.auth.contains(where: \.decodesSecrets) {
            // Some dashboards show `v1,whsec_…`; the list's comma has cut the version off.
            texts.removeAll { $0 == "v1" }
        }
        guard texts.count <= Limits.webhookSecrets else {
            throw problem(
                variable,
                "holds \(texts.count) secrets",
                "keep at most \(Limits.webhookSecrets): the current one and those it replaces"
            )
        }
        return texts.map(Secret.init)
    }

    /// Every secret must be a key of at least one scheme; otherwise it is a slip of the hand.
    func authenticators(
        _ definition: SourceDefinition,
        secrets: [Secret]
    ) throws(SettingProblem) -> [Authenticator] {
        for (index, secret) in secrets.enumerated() {
            let isUsable = definition.auth.contains { $0.keys(from: secret) != nil }
            guard !isUsable else { continue }
            let forms = definition.auth.map(\.secretForm).joined(separator: ", or ")
            throw problem(
                definition.secretsVariable,
                "has an entry (number \(index + 1)) that cannot be a key",
                "each entry must be \(forms)"
            )
        }
        return definition.auth.map { scheme in
            Authenticator(scheme: scheme, keys: secrets.compactMap(scheme.keys).flatMap(\.self))
        }
    }

    /// The variable's value, fit for a header; nil when it is not set, or empty.
    func plain(_ variable: String?) throws(SettingProblem) -> String? {
        guard let variable, let text = values[variable]?.trimmed, !text.isEmpty else {
            return nil
        }
        guard HeaderText.isValue(text) else {
            throw problem(
                variable,
                "has characters that are not printable ASCII",
                "copy it again from the provider, without line breaks"
            )
        }
        return text
    }

    func account(_ variable: String?) throws(SettingProblem) -> String? {
        guard let variable, let account = try plain(variable) else { return nil }
        guard SafeID.holds(account) else {
            throw problem(variable, "is no account id", SafeID.remedy)
        }
        return account
    }

    func base(_ base: SourceDefinition.Base) throws(SettingProblem) -> String {
        if let variable = base.variable, let text = try plain(variable) {
            if let url = BaseURL.normalised(text) { return url }
            throw problem(variable, "is no base URL", BaseURL.remedy)
        }
        if let standard = base.standard { return standard }
        throw problem(base.variable ?? "base", "is not set", "set the provider's base URL")
    }

    private func problem(
        _ variable: String,
        _ message: String,
        _ remedy: String
    ) -> SettingProblem {
        SettingProblem(source: source, variable: variable, message: message, remedy: remedy)
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
