import Bench
import CLinux
import Glibc
import KubeAPI
import NetTypes
import ProxyCore
import Routes

/// A UDP Service whose endpoints are sockets of this namespace, and what a datagram to it costs that no conntrack entry
/// knows yet.
struct PacketProbe: ~Copyable {
    private let clusterIP = IPAddress(10, 96, 0, 200)
    private let endpoints = (1...10).map { IPAddress(192, 0, 2, UInt8($0)) }
    private let listeners: [CInt]
    private let name = NamespacedName(namespace: "shop", name: "probe")

    /// Gives the loopback interface the endpoints' addresses and a route to cluster IPs.
    init() throws {
        var routes = try RouteSocket()
        for endpoint in endpoints { try routes.addAddress(endpoint, prefixLength: 32, to: "lo") }
        guard let services = CIDR("10.96.0.0/12") else { throw BenchError("no service CIDR") }
        try routes.addRoute(Route(services, link: "lo"))
        listeners = try endpoints.map { endpoint in
            let listener = Self.datagramSocket()
            let code = Self.withAddress(endpoint, SampleCluster.targetPort) { bind(listener, $0, $1) }
            guard code == 0 else { throw BenchError("cannot listen on \(endpoint)") }
            return listener
        }
    }

    deinit { listeners.forEach { close($0) } }

    var service: Service {
        var service = SampleCluster.service(name, clusterIP: clusterIP)
        service.spec.ports = [Service.Port(name: "http", proto: .udp, port: 80)]
        return service
    }

    var slice: EndpointSlice {
        var slice = SampleCluster.slice(name, endpoints, port: SampleCluster.targetPort)
        slice.ports = [EndpointSlice.Port(name: "http", proto: .udp, port: SampleCluster.targetPort)]
        return slice
    }

    /// Microseconds for each datagram: means of rounds of 500, each from a socket of its own.
    func firstPackets() throws -> [Double] {
        try (0..<20).map { _ in
            let sockets = (0..<500).map { _ in Self.datagramSocket() }
            defer { sockets.forEach { close($0) } }
            let started = ContinuousClock.now
            let sent = Self.withAddress(clusterIP, 80) { address, length in
                sockets.reduce(0) { $0 + sendto($1, "x", 1, 0, address, length) }
            }
            let time = (ContinuousClock.now - started).milliseconds
            guard sent == sockets.count else { throw BenchError("datagrams to a cluster IP were not sent") }
            return time * 1000 / Double(sockets.count)
        }
    }

    private static func datagramSocket() -> CInt { socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0) }

    private static func withAddress<Value>(
        _ ip: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = ip.v4.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
