/// Session ids: `ses_`, 26 random characters, `_` and the account.
package enum SessionID {
    package static let randomCharacters = OwnedID.randomCharacters

    /// Makes a new id, of an account that is a name.
    package static func make(
        account: String,
        random: inout some RandomNumberGenerator
    ) -> String {
        OwnedID.session.make(account: account, random: &random)
    }

    /// The account that an id carries; nil for anything `make` could not have made.
    package static func account(of id: String) -> Substring? {
        OwnedID.session.account(of: id)
    }
}
