import NetTypes
import ProxyCore

/// The header that tells an endpoint who its client is, before the client's bytes.
/// Source: The PROXY protocol, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt), sections 2.1 and 2.2.
enum ProxyHeader {
    /// Both addresses are of one family.
    static func bytes(_ version: ProxyProtocolVersion, from source: AddressPort, to destination: AddressPort) -> [UInt8]
    {
        let isIPv4 = source.address.family == .ipv4
        switch version {
        case .v1:
            let family = isIPv4 ? "TCP4" : "TCP6"
            let addresses = "\(source.address) \(destination.address) \(source.port) \(destination.port)"
            return Array("PROXY \(family) \(addresses)\r\n".utf8)
        case .v2:
            let addresses = source.address.networkBytes + destination.address.networkBytes
            // Version 2, command PROXY; AF_INET or AF_INET6 over STREAM.
            return signature + [0x21, isIPv4 ? 0x11 : 0x21] + UInt16(addresses.count + 4).octets + addresses
                + source.port.octets + destination.port.octets
        }
    }

    /// Of the proxy's own connections: nobody's client.
    static func own(_ version: ProxyProtocolVersion) -> [UInt8] {
        switch version {
        case .v1: Array("PROXY UNKNOWN\r\n".utf8)
        // Version 2, command LOCAL; nothing follows.
        case .v2: signature + [0x20, 0x00, 0x00, 0x00]
        }
    }

    private static let signature: [UInt8] = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]
}

extension UInt16 {
    fileprivate var octets: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}
