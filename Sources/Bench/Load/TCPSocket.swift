import CLinux
import Glibc
import Lab
import NetTypes

/// Sockets that do not block. They belong to the namespace of the calling thread.
enum TCPSocket {
    static func connect(_ target: AddressPort) throws(BenchError) -> CInt {
        let descriptor = try open(target.address.family, SOCK_STREAM)
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        let code = target.withSockaddr { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
        guard code == 0 || code == EINPROGRESS else {
            close(descriptor)
            throw BenchError("cannot connect to \(target): \(String(cString: strerror(code)))")
        }
        return descriptor
    }

    static func listen(_ port: UInt16) throws(BenchError) -> CInt {
        let descriptor = try open(.ipv4, SOCK_STREAM)
        let bound = AddressPort(.unspecified(.ipv4), port).withSockaddr { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, 1024) == 0 else {
            close(descriptor)
            throw BenchError("cannot listen on port \(port): errno \(errno)")
        }
        return descriptor
    }

    static func open(_ family: IPFamily, _ type: __socket_type) throws(BenchError) -> CInt {
        let flags = CInt(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family == .ipv4 ? AF_INET : AF_INET6, flags, 0)
        guard descriptor >= 0 else { throw BenchError("cannot open a socket: \(String(cString: strerror(errno)))") }
        return descriptor
    }

    /// Closes without TIME_WAIT, which would run out of ports.
    static func reset(_ socket: CInt) {
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
        close(socket)
    }
}
