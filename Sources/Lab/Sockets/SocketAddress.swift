import Glibc
import NetTypes

extension AddressPort {
    /// Lends the address as a sockaddr of its own family.
    package func withSockaddr<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        guard address.family == .ipv4 else { return sockaddr_in6(self).lend(body) }
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        value.sin_addr.s_addr = address.v4.bigEndian
        return withUnsafePointer(to: &value) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    init(_ value: sockaddr_in6) {
        self.init(IPAddress(value.sin6_addr), UInt16(bigEndian: value.sin6_port))
    }
}

extension sockaddr_in6 {
    /// An IPv4 address becomes its mapped form, for use on a dual-stack socket.
    init(_ endpoint: AddressPort) {
        self.init()
        sin6_family = sa_family_t(AF_INET6)
        sin6_port = endpoint.port.bigEndian
        withUnsafeMutableBytes(of: &sin6_addr) {
            $0.storeBytes(of: endpoint.address.high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: endpoint.address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }

    func lend<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: self) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

extension IPAddress {
    /// A mapped address is the IPv4 address.
    init(_ value: in6_addr) {
        self = withUnsafeBytes(of: value) {
            IPAddress(
                high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
