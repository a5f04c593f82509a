import NetTypes
import Testing

@testable import ProxyUserspace

@Suite struct ProxyHeaderTests {
    private static let four = (
        AddressPort(IPAddress(192, 168, 0, 1), 56324), AddressPort(IPAddress(192, 168, 0, 11), 443)
    )
    private static func six() throws -> (AddressPort, AddressPort) {
        (
            AddressPort(try #require(IPAddress("2001:db8::1")), 56324),
            AddressPort(try #require(IPAddress("fd00::53")), 53)
        )
    }

    @Test func versionOneIsALineOfText() throws {
        let (source, destination) = Self.four
        #expect(
            String(decoding: ProxyHeader.bytes(.v1, from: source, to: destination), as: UTF8.self)
                == "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n")
        let (source6, destination6) = try Self.six()
        #expect(
            String(decoding: ProxyHeader.bytes(.v1, from: source6, to: destination6), as: UTF8.self)
                == "PROXY TCP6 2001:db8::1 fd00::53 56324 53\r\n")
    }

    /// Section 2.2 of the specification.
    @Test func versionTwoIsBinary() throws {
        let (source, destination) = Self.four
        let signature: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
        #expect(
            ProxyHeader.bytes(.v2, from: source, to: destination) == signature + [
                0x21,  // version 2, PROXY
                0x11,  // TCP over IPv4
                0x00, 0x0c,  // 12 bytes follow
                192, 168, 0, 1,  // source
                192, 168, 0, 11,  // destination
                0xdc, 0x04,  // source port 56324
                0x01, 0xbb,  // destination port 443
            ])
        let (source6, destination6) = try Self.six()
        #expect(
            ProxyHeader.bytes(.v2, from: source6, to: destination6) == signature + [
                0x21, 0x21,  // TCP over IPv6
                0x00, 0x24,  // 36 bytes follow
                0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  //
                0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53,  //
                0xdc, 0x04, 0x00, 0x35,
            ])
    }

    @Test func theProxysOwnConnectionsHaveNoClient() {
        #expect(ProxyHeader.own(.v1) == Array("PROXY UNKNOWN\r\n".utf8))
        #expect(ProxyHeader.own(.v2).suffix(4) == [0x20, 0, 0, 0] && ProxyHeader.own(.v2).count == 16)
    }
}
