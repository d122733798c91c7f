import Testing

@testable import Outbound

@Suite struct `The guard of addresses` {
    @Test(arguments: [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1",
        "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1",
        "64:ff9b:1::a00:1", "2002:a00:1::", "2002:7f00:1::1", "2001:0:a00:1::", "fc00::1",
        "fdff::1", "fe80::1", "fec0::1", "ff02::1",
    ])
    func `refuses what is not the public Internet, however it is wrapped`(text: String) throws {
        let address = try #require(IPAddress(text))
        for tls in [true, false] {
            #expect(AddressGuard(allowed: []).judge(address, tls: tls) == .refused)
        }
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "172.32.0.0", "100.128.0.0", "2606:4700::1111",
        "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::",
    ])
    func `lets the public Internet through by TLS only`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressGuard(allowed: []).judge(address, tls: true) == .allowed)
        #expect(AddressGuard(allowed: []).judge(address, tls: false) == .insecure)
    }

    @Test(arguments: [
        (network: "10.0.0.0/8", address: "10.1.2.3", verdict: AddressGuard.Verdict.allowed),
        (network: "10.0.0.0/8", address: "::ffff:10.1.2.3", verdict: .allowed),
        (network: "10.0.0.0/8", address: "192.168.0.1", verdict: .refused),
        (network: "10.0.0.0/8", address: "1.1.1.1", verdict: .insecure),
        (network: "::1", address: "::1", verdict: .allowed),
        (network: "::1", address: "127.0.0.1", verdict: .refused),
        (network: "fd00::/8", address: "fd00::5", verdict: .allowed),
    ])
    func `opens allowed networks for plain http and nothing beside them`(
        network: String,
        address: String,
        verdict: AddressGuard.Verdict
    ) throws {
        let guardian = AddressGuard(allowed: [try CIDR(network)])
        #expect(guardian.judge(try #require(IPAddress(address)), tls: false) == verdict)
    }
}
