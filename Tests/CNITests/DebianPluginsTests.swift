import Glibc
import KubeAPI
import Namespaces
import NetTypes
import Routes
import TestThreads
import Testing

@testable import CNI

/// Debian's containernetworking-plugins, in namespaces of the test: bridge with host-local, portmap, loopback.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"),
    .enabled(if: access("/usr/lib/cni/bridge", X_OK) == 0, "needs containernetworking-plugins"))
struct DebianPluginsTests {
    let folder = Folder()

    private func runner(_ plugins: JSONValue, _ host: HostNamespace) throws -> NetworkRunner {
        let list = try NetworkConfigList(
            JSONWriter.bytes(["cniVersion": "1.0.0", "name": "debian", "plugins": plugins]), place: "test")
        var options = NetworkRunner.Options()
        options.pluginDirectories = ["/usr/lib/cni"]
        options.cacheDirectory = folder.path + "/cache"
        return NetworkRunner(list, options: options, host: host)
    }

    private var bridge: JSONValue {
        [
            "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false,
            "ipam": [
                "type": "host-local", "dataDir": .string(folder.path + "/ipam"),
                "ranges": [[["subnet": "10.77.0.0/24"]], [["subnet": "fd77::/64"]]], "routes": [["dst": "0.0.0.0/0"]],
            ],
        ]
    }

    @Test func bridgeAndLoopbackConnectTwoContainers() async throws {
        let host = try NetworkNamespace.create()
        let runner = try runner([bridge, ["type": "loopback"]], HostNamespace(try host.duplicate()))
        let first = try NetworkNamespace.create()
        let second = try NetworkNamespace.create()
        let attachments = [first.descriptor, second.descriptor].enumerated().map { index, descriptor in
            Attachment(containerID: "c\(index)", namespacePath: "/proc/\(getpid())/fd/\(descriptor)")
        }
        var addresses: [IPAddress] = []
        for attachment in attachments {
            let result = try await runner.add(attachment)
            #expect(result.addresses.map(\.address.family) == [.ipv4, .ipv6])
            addresses.append(try #require(result.addresses.first?.address))
            try await runner.check(attachment)
        }
        let target = addresses[1]
        let answered = try first.run {
            system("ping -c 1 -W 5 \(target) > /dev/null 2>&1") == 0 || Self.connects(target)
        }
        #expect(answered)
        for attachment in attachments {
            try await runner.delete(attachment)
            try await runner.delete(attachment)
        }
        let left = try host.run {
            var routes = try RouteSocket()
            return try routes.links().filter { $0.kind == "veth" }.count
        }
        #expect(left == 0)
        #expect(SmallFile.names(in: folder.path + "/ipam/debian").filter { $0.hasPrefix("10.") }.isEmpty)
        withExtendedLifetime((first.descriptor, second.descriptor)) {}
    }

    @Test func portmapForwardsAHostPort() async throws {
        let host = try NetworkNamespace.create()
        let runner = try runner(
            [bridge, ["type": "portmap", "capabilities": ["portMappings": true]]], HostNamespace(try host.duplicate()))
        let container = try NetworkNamespace.create()
        let attachment = Attachment(
            containerID: "c", namespacePath: "/proc/\(getpid())/fd/\(container.descriptor)",
            capabilities: ["portMappings": [["hostPort": 8080, "containerPort": 80, "protocol": "tcp"]]])
        _ = try await runner.add(attachment)
        func rules() throws -> Bool {
            try host.run { system("iptables-save -t nat 2>/dev/null | grep -q 'dport 8080'") == 0 }
        }
        #expect(try rules())
        try await runner.delete(attachment)
        #expect(try !rules())
        withExtendedLifetime(container.descriptor) {}
    }

    /// A refused connection is an answer too.
    private static func connects(_ address: IPAddress) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_addr.s_addr = address.v4.bigEndian
        peer.sin_port = UInt16(9).bigEndian
        let result = withUnsafePointer(to: &peer) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 || errno == ECONNREFUSED
    }
}
