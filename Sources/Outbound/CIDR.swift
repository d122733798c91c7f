/// A network, `10.0.0.0/8` or `fd00::/8`; a lone address is a network of one.
package struct CIDR: Sendable, Hashable {
    package let base: IPAddress
    /// Leading bits that an address shares with the base to belong to the network.
    package let prefix: Int

    /// Reads the usual notation.
    ///
    /// - Throws: `CIDRError` that names the text and what to write instead.
    package init(_ text: String) throws(CIDRError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(String(parts[0])) else { throw .notAnAddress(text) }
        let bits = base.bits
        guard parts.count == 2 else {
            self.init(base: base, prefix: bits)
            return
        }
        guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let prefix = Int(parts[1]), prefix <= bits
        else { throw .badPrefix(text, most: bits) }
        let network = base.masked(to: prefix)
        guard network == base else { throw .hostBits(text, meant: "\(network)/\(prefix)") }
        self.init(base: base, prefix: prefix)
    }

    /// Whether the address, exactly as it is, lies in this network.
    package func contains(_ address: IPAddress) -> Bool {
        address.bits == base.bits && address.masked(to: prefix) == base
    }

    private init(base: IPAddress, prefix: Int) {
        self.base = base
        self.prefix = prefix
    }
}

extension CIDR: CustomStringConvertible {
    package var description: String { "\(base)/\(prefix)" }
}

/// Why a text is not a network.
package enum CIDRError: Error, Sendable, Equatable, CustomStringConvertible {
    case notAnAddress(String)
    case badPrefix(String, most: Int)
    case hostBits(String, meant: String)

    package var description: String {
        switch self {
        case .notAnAddress(let text):
            "'\(text)' is not a network; write an address and a prefix, like 10.0.0.0/8 or fd00::/8"
        case .badPrefix(let text, let most):
            "'\(text)' has no valid prefix; write a number from 0 to \(most) after the slash"
        case .hostBits(let text, let meant):
            "'\(text)' has bits set beyond its prefix; write \(meant)"
        }
    }
}

extension IPAddress {
    fileprivate var bits: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The address with everything behind the prefix cleared.
    fileprivate func masked(to prefix: Int) -> IPAddress {
        // Swift's smart shift by the whole width gives 0, so a prefix of 0 needs no case.
        switch self {
        case .v4(let number): .v4(number & (UInt32.max << (32 - prefix)))
        case .v6(let number): .v6(number & (UInt128.max << (128 - prefix)))
        }
    }
}
