import Glibc
import NetTypes

/// This machine's own addresses.
enum HostAddresses {
    /// The first IPv4 address that others can reach; the loopback when there is none.
    static var first: IPAddress {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return IPAddress(127, 0, 0, 1) }
        defer { freeifaddrs(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
                continue
            }
            let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            let found = IPAddress(v4: number)
            if !found.isLoopback, !found.isLinkLocal { return found }
        }
        return IPAddress(127, 0, 0, 1)
    }
}
