import Glibc
import Lab
import NetTypes
import ProxyCore
import Testing

@testable import ProxyUserspace

/// A lab with two pods on the node and one on another, and Services that ask for `apus.dev/preserve-client-ip`.
struct TransparentLab {
    let lab: FlowProbe

    init() throws { lab = try FlowProbe(localPods: 2, remotePods: 1) }

    static let addresses: [IPFamily: AddressPort] = [
        .ipv4: SampleService.address, .ipv6: AddressPort(IPAddress(high: 0xfd00_0096_0000_0000, low: 7), 80),
    ]

    func target(_ family: IPFamily) throws -> AddressPort { try #require(Self.addresses[family]) }
    func nodePort(_ family: IPFamily) throws -> AddressPort {
        AddressPort(try lab.address(of: .node, family), 30080)
    }

    /// On a cluster IP and a node port.
    func service(
        _ proto: TransportProtocol, _ places: [FlowProbe.Location], _ family: IPFamily = .ipv4, asks: Bool = true
    ) throws -> ServicePort {
        let endpoints = try places.map { AddressPort(try lab.address(of: $0, family), 8080) }
        let local = places.filter { if case .pod = $0 { true } else { false } }
        let address = try target(family)
        let addresses = try local.map { try lab.address(of: $0, family) }.sorted()
        return SampleService.port(proto, endpoints, family: family) {
            $0.frontends = [Frontend(.clusterIP(address.address), 80), Frontend(.nodePort, 30080)]
            $0.hairpinAddresses = addresses
            guard asks else { return }
            var tuning = UserspaceTuning()
            tuning.preservesClientIP = true
            $0.userspace = tuning
        }
    }

    func facts(_ family: IPFamily = .ipv4) throws -> NodeFacts {
        var node = SampleService.node
        node.nodePortAddresses = [try lab.address(of: .node, family)]
        return node
    }

    func probe(
        _ proto: TransportProtocol, _ target: AddressPort, from place: FlowProbe.Location = .client
    ) throws -> ProbeOutcome {
        try lab.run(Probe(proto, target, timeout: .seconds(5)), from: place)
    }

    /// The rules and the table of the policy routing, in the calling thread's network namespace.
    static func routing(_ family: IPFamily) throws -> (rules: Int, routes: Int) {
        let version = family == .ipv4 ? "-4" : "-6"
        let rules = try output("ip \(version) rule show").split(separator: "\n")
        let routes = try output("ip \(version) route show table all").split(separator: "\n")
        return (
            rules.count { $0.contains("fwmark 0x2000/0x2000 lookup 10256") },
            routes.count { $0.hasPrefix("local default dev lo table 10256") }
        )
    }

    /// What a command prints, in the calling thread's network namespace.
    @discardableResult
    static func output(_ command: String) throws -> String {
        let stream = try #require(popen(command + " 2>&1", "re"))
        defer { pclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
