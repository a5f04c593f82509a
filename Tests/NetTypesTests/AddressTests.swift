import NetTypes
import TestRandom
import Testing

@Suite struct AddressTests {
    /// Text, and the canonical text of what it means (RFC 5952 for IPv6).
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd00::1", "fd00::1"), ("FD00::ABCD", "fd00::abcd"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("0:0:1::", "0:0:1::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
    ])
    func readsAndWritesText(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress(networkBytes: address.networkBytes) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.04", "1..2.3", ".1.2.3", "1.2.3.",
        "1.2.3.4 ",
        "+1.2.3.4", "0x1.2.3.4", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "1::2:3:4:5:6:7:8", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:", ":1::", "1::2:", "12345::", "g::", "::1%eth0",
        "1.2.3.4::", "::1.2.3", "::1.2.3.4.5", "::1.2.3.4:5", "[::1]", "10.0.0.1:80", "localhost",
    ])
    func refusesBadText(text: String) { #expect(IPAddress(text) == nil) }

    @Test func everyAddressSurvivesItsText() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            // Sparse bits, so that runs of zero groups are common.
            let mask = random.next() & random.next()
            let address = IPAddress(high: random.next() & mask, low: random.next() & random.next() & mask)
            #expect(IPAddress(address.description) == address, "\(address)")
            let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: random.next()))
            #expect(IPAddress(v4.description) == v4 && v4.family == .ipv4, "\(v4)")
        }
    }

    @Test func ordersNumericallyWithinAFamily() {
        #expect(IPAddress(9, 0, 0, 1) < IPAddress(10, 0, 0, 0))
        #expect(IPAddress(high: 1, low: 0) < IPAddress(high: 1, low: 1))
        #expect(IPAddress(high: 0, low: 5) < IPAddress(high: 1, low: 0))
    }

    @Test(arguments: [
        ("127.0.0.1", "loopback"), ("127.255.0.1", "loopback"), ("::1", "loopback"), ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"), ("febf::1", "link-local"), ("224.0.0.1", "multicast"), ("ff02::1", "multicast"),
        ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("10.0.0.1", ""), ("fd00::1", ""), ("fec0::1", ""),
    ])
    func knowsSpecialAddresses(text: String, kind: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isLoopback == (kind == "loopback"))
        #expect(address.isLinkLocal == (kind == "link-local"))
        #expect(address.isMulticast == (kind == "multicast"))
        #expect(address.isUnspecified == (kind == "unspecified"))
    }

    @Test(arguments: [0, 1, 3, 5, 15, 17]) func wireFormHasFourOrSixteenBytes(count: Int) {
        #expect(IPAddress(networkBytes: [UInt8](repeating: 1, count: count)) == nil)
    }
}

@Suite struct AddressPortTests {
    @Test(arguments: ["10.0.0.1:80", "0.0.0.0:0", "[fd00::1]:65535", "[::]:1"])
    func survivesItsText(text: String) throws { #expect(try #require(AddressPort(text)).description == text) }

    @Test(arguments: [
        "", "10.0.0.1", "10.0.0.1:", ":80", "10.0.0.1:65536", "10.0.0.1:+80", "10.0.0.1:-1", "10.0.0.1: 80",
        "fd00::1:80",
        "[fd00::1]", "[fd00::1]80", "[10.0.0.1]:80", "fd00::1]:80", "[fd00::1:80",
    ])
    func refusesBadText(text: String) { #expect(AddressPort(text) == nil) }

    @Test func protocolsHaveTheirNumbers() {
        #expect(TransportProtocol("TCP")?.rawValue == 6)
        #expect(TransportProtocol("udp")?.rawValue == 17)
        #expect(TransportProtocol("Sctp")?.description == "sctp")
        #expect(TransportProtocol("icmp") == nil)
    }
}

@Suite struct CIDRTests {
    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3/32", "10.1.2.3/32"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("fd00::1/64", "fd00::/64"),
        ("fd00:0:0:1:8000::/65", "fd00:0:0:1:8000::/65"), ("::/0", "::/0"), ("fd00::1/128", "fd00::1/128"),
    ])
    func clearsHostBits(text: String, canonical: String) throws {
        #expect(try #require(CIDR(text)).description == canonical)
    }

    @Test(arguments: ["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "fd00::/129", "10.0.0.0/+8", "10.0.0.0/8/8", "x/8"])
    func refusesBadText(text: String) { #expect(CIDR(text) == nil) }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "1.2.3.4", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "1.2.3.4", false), ("fd00::/64", "fd00::ffff:0:1", true),
        ("fd00::/64", "fd00:0:0:1::", false), ("10.0.0.1/32", "10.0.0.1", true), ("10.0.0.1/32", "10.0.0.2", false),
    ])
    func containsAddresses(prefix: String, address: String, isInside: Bool) throws {
        #expect(try #require(CIDR(prefix)).contains(#require(IPAddress(address))) == isInside)
    }

    @Test func knowsItsEnds() throws {
        let v4 = try #require(CIDR("10.1.0.0/20"))
        #expect(v4.mask.description == "255.255.240.0" && v4.last.description == "10.1.15.255")
        let v6 = try #require(CIDR("fd00:1::/32"))
        #expect(v6.mask.description == "ffff:ffff::" && v6.last.description == "fd00:1:ffff:ffff:ffff:ffff:ffff:ffff")
        #expect(v4.contains(CIDR(host: IPAddress(10, 1, 3, 4))) && !CIDR(host: IPAddress(10, 1, 0, 0)).contains(v4))
    }
}
