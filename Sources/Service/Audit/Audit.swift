import Entitlements
package import Store

extension UsherService {
    package func changes(
        of account: String,
        after cursor: Int64?,
        size: Int
    ) async throws -> Page<ChangeRecord> {
        let page = try await store.changes(of: account, after: cursor, size: size)
        // An account that is gone still has its history; one that never was has none.
        if page.items.isEmpty, cursor == nil { _ = try await self.account(account) }
        return page
    }

    /// Verifies one chain, or every one; stops at the first break.
    package func verify(account: String?) async throws -> ChainVerdict {
        if let account {
            _ = try await changes(of: account, after: nil, size: 1)
            return try await store.verify(chains: [account])
        }
        var totals = (chains: 0, changes: 0)
        var cursor: String?
        while true {
            let chains = try await store.chains(after: cursor, size: 500)
            let verdict = try await store.verify(chains: chains)
            guard case .verified(let count, let changes) = verdict else { return verdict }
            totals.chains += count
            totals.changes += changes
            guard let last = chains.last else {
                return .verified(chains: totals.chains, changes: totals.changes)
            }
            cursor = last
        }
    }
}
