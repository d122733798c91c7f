import Glibc

/// One IPv4 or IPv6 address as a number.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads the textual form, `192.0.2.1` or `2001:db8::1`, and no other spelling.
    package init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        // The structures live on this frame for the length of each call, which fills them.
        if unsafe inet_pton(AF_INET, text, &v4) == 1 {
            self = .v4(UInt32(bigEndian: v4.s_addr))
        } else if unsafe inet_pton(AF_INET6, text, &v6) == 1 {
            self = unsafe withUnsafeBytes(of: v6) { unsafe .v6(number(of: $0)) }
        } else {
            return nil
        }
    }

    /// Reads network order; nil unless there are 4 or 16 bytes.
    init?(networkOrder bytes: UnsafeRawBufferPointer) {
        // Only read here, and only within its bounds.
        switch bytes.count {
        case 4: self = unsafe .v4(number(of: bytes))
        case 16: self = unsafe .v6(number(of: bytes))
        default: return nil
        }
    }

    /// The IPv4 address inside one that carries it: v4-mapped, NAT64 or 6to4.
    ///
    /// A gateway on the way unwraps these, so a guard that looks at the outside alone would let
    /// `::ffff:127.0.0.1` or `64:ff9b::10.0.0.1` through.
    package var unwrapped: IPAddress? {
        guard case .v6(let number) = self else { return nil }
        switch number >> 32 {
        case 0xFFFF, 0x0064_FF9B_0000_0000_0000_0000:
            return .v4(UInt32(truncatingIfNeeded: number))
        default:
            return number >> 112 == 0x2002 ? .v4(UInt32(truncatingIfNeeded: number >> 80)) : nil
        }
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let number):
            return [24, 16, 8, 0].map { String((number >> $0) & 0xFF) }.joined(separator: ".")
        case .v6(let number):
            var address = in6_addr()
            unsafe withUnsafeMutableBytes(of: &address) { bytes in
                unsafe bytes.storeBytes(of: number.bigEndian, as: UInt128.self)
            }
            // inet_ntop writes at most INET6_ADDRSTRLEN bytes, the terminator included.
            let text = unsafe String(unsafeUninitializedCapacity: Int(INET6_ADDRSTRLEN)) { buffer in
                let raw = UnsafeMutableRawPointer(buffer.baseAddress)
                guard let start = unsafe raw?.assumingMemoryBound(to: CChar.self),
                    unsafe inet_ntop(AF_INET6, &address, start, socklen_t(INET6_ADDRSTRLEN)) != nil
                else { return 0 }
                return unsafe strlen(start)
            }
            return text
        }
    }
}

private func number<Number: FixedWidthInteger>(of bytes: UnsafeRawBufferPointer) -> Number {
    // Iterates within the buffer's own bounds.
    unsafe bytes.reduce(0) { $0 << 8 | Number($1) }
}
