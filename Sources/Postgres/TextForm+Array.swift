extension TextForm {
    /// The elements of `{a,"b c"}`; nil for nulls inside, further dimensions and other bounds.
    static func textArray(_ bytes: ArraySlice<UInt8>) -> [String]? {
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}"), bytes.count > 1
        else { return nil }
        var rest = bytes.dropFirst().dropLast()
        var elements: [String] = []
        guard !rest.isEmpty else { return elements }
        while true {
            guard let element = nextElement(&rest) else { return nil }
            elements.append(element)
            guard let separator = rest.popFirst() else { return elements }
            guard separator == UInt8(ascii: ",") else { return nil }
        }
    }

    private static func nextElement(_ rest: inout ArraySlice<UInt8>) -> String? {
        if rest.first == UInt8(ascii: "\"") { return quotedElement(&rest) }
        let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
        let element = rest[..<end]
        rest = rest[end...]
        let isPlain = !element.isEmpty && !element.contains { $0 == UInt8(ascii: "{") }
        guard isPlain, !element.elementsEqual("NULL".utf8) else { return nil }
        return String(decoding: element, as: UTF8.self)
    }

    private static func quotedElement(_ rest: inout ArraySlice<UInt8>) -> String? {
        rest.removeFirst()
        var element: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: element, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                element.append(escaped)
            default:
                element.append(byte)
            }
        }
        return nil
    }
}
