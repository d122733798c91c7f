import Outbound
import Testing

@Suite struct `A network in CIDR notation` {
    @Test(arguments: [
        (network: "10.0.0.0/8", inside: "10.255.255.255", outside: "11.0.0.0"),
        (network: "172.16.0.0/12", inside: "172.31.0.1", outside: "172.32.0.0"),
        (network: "192.0.2.7", inside: "192.0.2.7", outside: "192.0.2.6"),
        (network: "0.0.0.0/0", inside: "203.0.113.9", outside: "::1"),
        (network: "fd00::/8", inside: "fdff::1", outside: "fe00::"),
        (network: "2001:db8::/33", inside: "2001:db8:7fff::", outside: "2001:db8:8000::"),
        (network: "::1", inside: "::1", outside: "::2"),
        (network: "::/0", inside: "ffff::", outside: "10.0.0.1"),
    ])
    func `holds its addresses and no others`(
        network: String,
        inside: String,
        outside: String
    ) throws {
        let cidr = try CIDR(network)
        let (within, beyond) = (IPAddress(inside), IPAddress(outside))
        #expect(cidr.contains(try #require(within)))
        #expect(!cidr.contains(try #require(beyond)))
    }

    @Test(arguments: [
        (text: "", error: CIDRError.notAnAddress("")),
        (text: "localhost", error: .notAnAddress("localhost")),
        (text: "10.0.0/8", error: .notAnAddress("10.0.0/8")),
        (text: "010.0.0.0/8", error: .notAnAddress("010.0.0.0/8")),
        (text: "10.0.0.0/", error: .badPrefix("10.0.0.0/", most: 32)),
        (text: "10.0.0.0/33", error: .badPrefix("10.0.0.0/33", most: 32)),
        (text: "10.0.0.0/-1", error: .badPrefix("10.0.0.0/-1", most: 32)),
        (text: "10.0.0.0/8/8", error: .badPrefix("10.0.0.0/8/8", most: 32)),
        (text: "fd00::/129", error: .badPrefix("fd00::/129", most: 128)),
        (text: "10.1.2.3/8", error: .hostBits("10.1.2.3/8", meant: "10.0.0.0/8")),
        (text: "fd00::1/64", error: .hostBits("fd00::1/64", meant: "fd00::/64")),
    ])
    func `is refused by name when it is none`(text: String, error: CIDRError) {
        #expect(throws: error) { try CIDR(text) }
    }

    @Test(arguments: ["10.0.0.0/8", "fd00::/8", "0.0.0.0/0", "2001:db8::1/128"])
    func `is written as it is read`(text: String) throws {
        #expect(try CIDR(text).description == text)
    }
}
