import CLinux
import Glibc
import NetTypes

/// Owns a non-blocking socket. It belongs to the namespace of the thread that made it, wherever it is used.
package struct Socket: ~Copyable {
    package let descriptor: CInt

    package init(_ family: IPFamily, _ proto: TransportProtocol) throws(LabError) {
        let type = proto == .udp ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue
        let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        descriptor = socket(
            family == .ipv4 ? AF_INET : AF_INET6, CInt(type | flags), proto == .sctp ? CInt(IPPROTO_SCTP) : 0)
        guard descriptor >= 0 else { throw .last("open a \(proto) socket") }
    }

    init(adopting descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Gives the descriptor to the caller, who must close it.
    consuming func release() -> CInt {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    package borrowing func set(_ level: CInt, _ option: CInt, _ value: CInt) throws(LabError) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw .last("set socket option \(level)/\(option)")
        }
    }

    package borrowing func bind(_ endpoint: AddressPort) throws(LabError) {
        let descriptor = descriptor
        guard endpoint.withSockaddr({ Glibc.bind(descriptor, $0, $1) }) == 0 else { throw .last("bind \(endpoint)") }
    }

    /// 0, or the errno. EINPROGRESS is the usual answer of a TCP socket.
    package borrowing func connect(_ endpoint: AddressPort) -> CInt {
        let descriptor = descriptor
        return endpoint.withSockaddr { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
    }
}
