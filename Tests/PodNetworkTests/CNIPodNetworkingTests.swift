import CNI
import Foundation
import Glibc
import KubeAPI
import Namespaces
import NetTypes
import NodeServices
import Routes
import TestThreads
import Testing

@testable import PodNetwork

/// The whole way: net.d, the built executable as the plugin, Debian's portmap behind it, in a node of the test's own.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"),
    .enabled(if: access("/usr/lib/cni/portmap", X_OK) == 0, "needs containernetworking-plugins"))
struct CNIPodNetworkingTests {
    private func networking(_ node: TestNode, _ config: PodNetworkConfig) throws -> CNIPodNetworking {
        // The built executable lies beside the tests' own.
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/apus"
        try PodNetworkConfig.install(program: String(program), inDirectory: node.directory + "/bin")
        try config.write(toDirectory: node.directory + "/net.d")
        var options = NetworkRunner.Options()
        options.pluginDirectories = [node.directory + "/bin", "/usr/lib/cni"]
        options.cacheDirectory = node.directory + "/cache"
        return CNIPodNetworking(
            directory: node.directory + "/net.d", options: options, host: HostNamespace(try node.namespace.duplicate()))
    }

    private func request(_ pod: TestPod, port: UInt16? = nil) -> PodNetworkRequest {
        PodNetworkRequest(
            namespace: "default", name: pod.id, uid: "u-\(pod.id)", sandboxID: pod.id, netnsPath: pod.path,
            portMappings: port.map { [PortMapping(hostPort: $0, containerPort: 80, transport: "TCP")] } ?? [])
    }

    @Test func aPodComesAndGoes() async throws {
        let node = try TestNode()
        let config = PodNetworkConfig(
            podCIDRs: ["10.97.0.0/24", "fd97::/64"].compactMap { CIDR($0) }, dataDirectory: node.directory + "/leases")
        let networking = try networking(node, config)
        #expect(try !config.write(toDirectory: node.directory + "/net.d"))
        #expect(await networking.status() == nil)
        let pod = try TestPod(node)
        let result = try await networking.setUp(request(pod, port: 8080))
        #expect(result.ips.map(\.family) == [.ipv4, .ipv6])
        for address in result.ips { #expect(try node.reaches(address)) }
        func isForwarded() throws -> Bool {
            try node.namespace.run { system("iptables-save -t nat 2>/dev/null | grep -q 'dport 8080'") == 0 }
        }
        #expect(try isForwarded())
        // An agent that starts again asks again.
        #expect(try await networking.setUp(request(pod, port: 8080)) == result)
        // The configuration goes, then the pod.
        unlink("\(node.directory)/net.d/\(PodNetworkConfig.fileName)")
        #expect(await networking.status() != nil)
        for _ in 0..<2 { try await networking.tearDown(request(pod)) }
        #expect(try !isForwarded())
        #expect(try node.veths().isEmpty)
    }

    @Test func aPodIsChecked() async throws {
        let node = try TestNode()
        let config = PodNetworkConfig(
            podCIDRs: ["10.97.0.0/24"].compactMap { CIDR($0) }, hasPortMappings: false,
            dataDirectory: node.directory + "/leases")
        let networking = try networking(node, config)
        let pod = try TestPod(node)
        _ = try await networking.setUp(request(pod))
        try await networking.check(request(pod))
        try node.namespace.run {
            var routes = try RouteSocket()
            try routes.setDown(pod.link.hostName)
        }
        await #expect(throws: CNIFailure.self) { try await networking.check(request(pod)) }
        try await networking.tearDown(request(pod))
    }

    @Test func nothingRemainsOfManyPods() async throws {
        let node = try TestNode()
        let config = PodNetworkConfig(
            podCIDRs: ["10.97.0.0/24"].compactMap { CIDR($0) }, hasPortMappings: false,
            dataDirectory: node.directory + "/leases")
        let networking = try networking(node, config)
        let pods = try (0..<8).map { _ in try TestPod(node) }
        let addresses = try await withThrowingTaskGroup(of: [IPAddress].self) { group in
            for pod in pods { group.addTask { try await networking.setUp(request(pod)).ips } }
            return try await group.reduce(into: Set<IPAddress>()) { $0.formUnion($1) }
        }
        #expect(addresses.count == 8)
        try await networking.collectGarbage(valid: [request(pods[0])])
        #expect(try node.veths() == [pods[0].link.hostName])
        try await networking.tearDown(request(pods[0]))
        #expect(try node.veths().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: node.directory + "/cache").isEmpty)
    }
}
