import CLinux
import Glibc
import NetTypes

/// A UDP socket that shares its address with others: the kernel gives each client to one of them. Closed with its last
/// owner, so that a late answer never goes to another descriptor.
final class DatagramSocket: Sendable {
    let descriptor: CInt

    /// Port 0 takes any.
    init(_ address: AddressPort) throws(DNSListenError) {
        let family = address.address.family
        descriptor = socket(
            family == .ipv4 ? AF_INET : AF_INET6, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw DNSListenError(address, "UDP", code: errno) }
        var on: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, size)
        if family == .ipv6 { setsockopt(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
        // Bursts of a node's pods; the kernel caps it.
        var room: CInt = 4 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, size)
        guard apus_want_origin(descriptor, family == .ipv6 ? 1 : 0) == 0, Self.bind(descriptor, address) == 0 else {
            // deinit closes it.
            throw DNSListenError(address, "UDP", code: errno)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The port it really has.
    var port: UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
            // Both families have the port at the same place.
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }

    /// Wakes whoever waits for datagrams; what came before can still be received.
    func endReceiving() { shutdown(descriptor, CInt(SHUT_RD)) }

    /// Answers a datagram of another time.
    func send(_ bytes: [UInt8], to origin: apus_origin) {
        withUnsafePointer(to: origin) { _ = apus_answer_origin(descriptor, $0, bytes, bytes.count) }
    }

    private static func bind(_ descriptor: CInt, _ address: AddressPort) -> CInt {
        if address.address.family == .ipv4 {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = address.port.bigEndian
            name.sin_addr.s_addr = address.address.v4.bigEndian
            return bind(descriptor, &name)
        }
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = address.port.bigEndian
        withUnsafeMutableBytes(of: &name.sin6_addr) { _ = address.address.write(to: $0) }
        return bind(descriptor, &name)
    }

    private static func bind<Name>(_ descriptor: CInt, _ name: inout Name) -> CInt {
        let size = socklen_t(MemoryLayout<Name>.size)
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(descriptor, $0, size) }
        }
    }
}
