import CLinux
import Glibc
import NetTypes

/// A system call of the proxy that failed.
public struct UserspaceError: Error, CustomStringConvertible {
    public let operation: String
    public let code: CInt

    public var description: String { "cannot \(operation): \(String(cString: strerror(code)))" }

    static func last(_ operation: String) -> UserspaceError { UserspaceError(operation: operation, code: errno) }
}

/// Sockets as the proxy needs them. Callers own the descriptors.
enum RelaySocket {
    /// A TCP listener of one family on every address. `port` 0 takes any. Options are inherited by what it accepts.
    /// `isTransparent`: it also takes packets to other addresses that the kernel gives it.
    static func listen(_ family: IPFamily, port: UInt16, isTransparent: Bool = false) throws(UserspaceError) -> CInt {
        let fd = try open(family, SOCK_STREAM)
        if isTransparent, !becomeTransparent(fd, family) {
            defer { close(fd) }
            throw .last("open a transparent socket (it takes CAP_NET_ADMIN)")
        }
        set(fd, SOL_SOCKET, SO_REUSEPORT)
        set(fd, SOL_SOCKET, SO_KEEPALIVE)
        set(fd, CInt(IPPROTO_TCP), TCP_NODELAY)
        if family == .ipv6 { set(fd, CInt(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard bind(fd, AddressPort(.unspecified(family), port)) == 0, Glibc.listen(fd, 4096) == 0 else {
            defer { close(fd) }
            throw .last("listen on port \(port)")
        }
        return fd
    }

    /// A UDP socket on any port of every address of both families; datagrams come with the address they were sent to.
    static func receive() throws(UserspaceError) -> CInt {
        let fd = try open(.ipv6, SOCK_DGRAM)
        var off: CInt = 0
        setsockopt(fd, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(MemoryLayout<CInt>.size))
        guard apus_want_local_address(fd) == 0, bind(fd, AddressPort(.unspecified(.ipv6), 0)) == 0 else {
            defer { close(fd) }
            throw .last("open a UDP socket")
        }
        return fd
    }

    /// A UDP socket of one family that takes the datagrams tproxy gives it, and tells where they were going. `port` 0
    /// takes any.
    static func intercept(_ family: IPFamily, port: UInt16) throws(UserspaceError) -> CInt {
        let fd = try open(family, SOCK_DGRAM)
        set(fd, SOL_SOCKET, SO_REUSEPORT)
        if family == .ipv6 { set(fd, CInt(IPPROTO_IPV6), IPV6_V6ONLY) }
        guard becomeTransparent(fd, family), apus_want_original_destination(fd, family == .ipv6 ? 1 : 0) == 0,
            bind(fd, AddressPort(.unspecified(family), port)) == 0
        else {
            defer { close(fd) }
            throw .last("open a transparent UDP socket (it takes CAP_NET_ADMIN)")
        }
        return fd
    }

    /// A UDP socket between a service address, which need not be this machine's, and one client of it.
    static func answer(_ client: AddressPort, from service: AddressPort) throws(UserspaceError) -> CInt {
        let fd = try open(service.address.family, SOCK_DGRAM)
        // Each client of the address has one.
        set(fd, SOL_SOCKET, SO_REUSEADDR)
        guard becomeTransparent(fd, service.address.family), bind(fd, service) == 0,
            withSockaddr(client, { Glibc.connect(fd, $0, $1) }) == 0
        else {
            defer { close(fd) }
            throw .last("answer \(client) from \(service)")
        }
        return fd
    }

    enum Connecting {
        case begun(CInt)
        /// The endpoint's fault.
        case refused
        /// This machine's: no descriptor, port or memory is left.
        case lacking(CInt)
    }

    /// Begins to connect; from `source`, which need not be an address of this machine, when that is given.
    static func connect(
        _ endpoint: AddressPort, _ proto: TransportProtocol, from source: IPAddress? = nil
    ) -> Connecting {
        let fd: CInt
        do { fd = try open(endpoint.address.family, proto == .udp ? SOCK_DGRAM : SOCK_STREAM) } catch {
            return .lacking(error.code)
        }
        if proto == .tcp {
            set(fd, CInt(IPPROTO_TCP), TCP_NODELAY)
            set(fd, SOL_SOCKET, SO_KEEPALIVE)
        }
        if let source {
            set(fd, CInt(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT)
            guard becomeTransparent(fd, source.family), bind(fd, AddressPort(source, 0)) == 0 else {
                defer { close(fd) }
                return .lacking(errno)
            }
        }
        let code = withSockaddr(endpoint) { Glibc.connect(fd, $0, $1) }
        guard code != 0, errno != EINPROGRESS else { return .begun(fd) }
        defer { close(fd) }
        return [EADDRNOTAVAIL, EAGAIN, ENOBUFS, ENOMEM].contains(errno) ? .lacking(errno) : .refused
    }

    /// Writes to a socket that has just been connected: few bytes go in one piece, or the socket is of no use.
    static func sendFirst(_ fd: CInt, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(fd, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// No more descriptors can be had, or no memory for them.
    static func isShortage(_ code: CInt) -> Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }

    /// Where the client of a redirected connection was going.
    static func originalDestination(_ client: CInt, _ family: IPFamily) -> AddressPort? {
        var storage = sockaddr_storage()
        guard apus_original_destination(client, family == .ipv6 ? 1 : 0, &storage) == 0 else { return nil }
        return AddressPort(storage)
    }

    /// The port that a socket is bound to.
    static func port(_ fd: CInt) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutableBytes(of: &storage) { bytes in
            getsockname(fd, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return code == 0 ? AddressPort(storage).port : 0
    }

    /// Closes so that the peer sees a reset.
    static func reset(_ fd: CInt) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(fd)
    }

    private static func open(_ family: IPFamily, _ type: __socket_type) throws(UserspaceError) -> CInt {
        let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let fd = socket(family == .ipv4 ? AF_INET : AF_INET6, CInt(type.rawValue | flags), 0)
        guard fd >= 0 else { throw .last("open a socket") }
        return fd
    }

    @discardableResult
    private static func set(_ fd: CInt, _ level: CInt, _ option: CInt) -> Bool {
        var on: CInt = 1
        return setsockopt(fd, level, option, &on, socklen_t(MemoryLayout<CInt>.size)) == 0
    }

    private static func becomeTransparent(_ fd: CInt, _ family: IPFamily) -> Bool {
        family == .ipv4
            ? set(fd, CInt(IPPROTO_IP), IP_TRANSPARENT) : set(fd, CInt(IPPROTO_IPV6), IPV6_TRANSPARENT)
    }

    private static func bind(_ fd: CInt, _ address: AddressPort) -> CInt {
        withSockaddr(address) { Glibc.bind(fd, $0, $1) }
    }

    /// Lends the address as a sockaddr of its own family.
    private static func withSockaddr<Value>(
        _ endpoint: AddressPort, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if endpoint.address.family == .ipv4 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = endpoint.port.bigEndian
            four.sin_addr.s_addr = endpoint.address.v4.bigEndian
            return withUnsafePointer(to: &four) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = endpoint.port.bigEndian
        withUnsafeMutableBytes(of: &six.sin6_addr) { _ = endpoint.address.write(to: $0) }
        return withUnsafePointer(to: &six) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

extension AddressPort {
    /// A mapped address is the IPv4 address.
    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { bytes in
            if bytes.loadUnaligned(as: sa_family_t.self) == sa_family_t(AF_INET) {
                let value = bytes.loadUnaligned(as: sockaddr_in.self)
                return AddressPort(
                    IPAddress(v4: UInt32(bigEndian: value.sin_addr.s_addr)), UInt16(bigEndian: value.sin_port))
            }
            return AddressPort(bytes.loadUnaligned(as: sockaddr_in6.self))
        }
    }

    init(_ value: sockaddr_in6) {
        let address = withUnsafeBytes(of: value.sin6_addr) {
            IPAddress(
                high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
        self.init(address, UInt16(bigEndian: value.sin6_port))
    }
}
