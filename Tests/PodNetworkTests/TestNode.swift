import CNI
import Foundation
import Glibc
import KubeAPI
import Namespaces
import NetTypes
import Routes
import Synchronization
import Testing

@testable import PodNetwork

/// A namespace that is a node, with our plugin's files in a directory of its own.
final class TestNode: Sendable {
    let namespace: NetworkNamespace
    let directory: String
    private let ranges: [String]
    /// The node's own (RFC 5737, RFC 3849).
    static let address4 = IPAddress(192, 0, 2, 1)
    static let address6 = IPAddress(high: 0x2001_0db8_0000_0000, low: 1)
    private let coolDown: Int64

    init(ranges: [String] = ["10.98.0.0/24", "fd98::/64"], coolDown: Int64 = 0) throws {
        namespace = try NetworkNamespace.create()
        try namespace.run {
            var routes = try RouteSocket()
            try routes.addAddress(Self.address4, prefixLength: 32, to: "lo")
            try routes.addAddress(Self.address6, prefixLength: 128, to: "lo")
        }
        var template = Array("/tmp/apus-pod-network-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.ranges = ranges
        self.coolDown = coolDown
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    var leaseDirectory: String { directory + "/leases/test" }

    func config(version: String = "1.1.0") -> JSONValue {
        [
            "cniVersion": .string(version), "name": "test", "type": "apus-cni",
            "ranges": .array(ranges.map { .string($0) }), "dataDir": .string(directory + "/leases"),
            "coolDownSeconds": .integer(coolDown),
        ]
    }

    /// Runs the plugin as the node's runtime would.
    func run(
        _ command: String?, _ environment: [String], version: String = "1.1.0", now: Int64 = 1000,
        adding members: [String: JSONValue] = [:]
    ) throws -> PodPlugin.Outcome {
        var config = config(version: version)
        for (key, value) in members { config[path: key] = value }
        let pairs = (environment + (command.map { ["CNI_COMMAND=\($0)"] } ?? [])).map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
        let input = JSONWriter.bytes(config)
        return try namespace.run {
            PodPlugin.run(environment: Dictionary(pairs, uniquingKeysWith: { $1 }), input: input, now: now)
        }
    }

    func status() throws -> PodPlugin.Outcome { try run("STATUS", []) }

    func veths() throws -> [String] {
        try namespace.run {
            var routes = try RouteSocket()
            return try routes.links().filter { $0.kind == "veth" }.map(\.name)
        }
    }

    func reaches(_ address: IPAddress) throws -> Bool { try namespace.run { Reach.answers(address) } }

    /// Files, held or resting.
    func leases() throws -> Int { try files().count }

    func heldLeases() throws -> Int { try files().count { !$0.contains("released") } }

    private func files() throws -> [String] {
        guard let stream = opendir(leaseDirectory) else { return [] }
        defer { closedir(stream) }
        var texts: [String] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            if IPAddress(name) != nil { texts.append(SmallText.read("\(leaseDirectory)/\(name)") ?? "") }
        }
        return texts
    }
}

/// A namespace that is a pod.
final class TestPod: Sendable {
    let namespace: NetworkNamespace
    let id: String
    private let node: TestNode
    private let answer = Mutex<[UInt8]>([])
    private static let count = Atomic(0)

    init(_ node: TestNode) throws {
        namespace = try NetworkNamespace.create()
        self.node = node
        id = "pod\(Self.count.add(1, ordering: .relaxed).newValue)"
    }

    var path: String { "/proc/\(getpid())/fd/\(namespace.descriptor)" }

    var link: PodLink { PodLink(containerID: id, interface: "eth0") }

    func run(
        _ command: String, path: String? = nil, version: String = "1.1.0", now: Int64 = 1000
    ) throws -> PodPlugin.Outcome {
        try node.run(
            command, ["CNI_CONTAINERID=\(id)", "CNI_NETNS=\(path ?? self.path)", "CNI_IFNAME=eth0"], version: version,
            now: now)
    }

    func add(now: Int64 = 1000) throws -> PodPlugin.Outcome {
        let outcome = try run("ADD", now: now)
        answer.withLock { $0 = outcome.output }
        return outcome
    }

    /// Of the last `add`.
    func result() throws -> NetworkResult { try NetworkResult(try JSONParser.parse(answer.withLock { $0 })) }

    func reaches(_ address: IPAddress) throws -> Bool { try namespace.run { Reach.answers(address) } }

    func reachesGatewaySide() throws -> Bool {
        guard let own = try result().addresses.first?.address else { return false }
        return try node.reaches(own)
    }
}

/// Whether packets come and go.
enum Reach {
    /// True when the other end answers a TCP connection to a port that nobody has: its kernel refuses.
    /// - Parameter from: an own address to use.
    static func answers(_ address: IPAddress, from own: IPAddress? = nil, milliseconds: CInt = 3000) -> Bool {
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        if let own, withAddress(own, port: 0, { bind(descriptor, $0, $1) }) != 0 { return false }
        if withAddress(address, port: 9, { connect(descriptor, $0, $1) }) == 0 { return true }
        guard errno == EINPROGRESS else { return errno == ECONNREFUSED }
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) == 1 else { return false }
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        return code == 0 || code == ECONNREFUSED
    }

    private static func withAddress(
        _ address: IPAddress, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var storage = sockaddr_storage()
        let length: Int
        if address.family == .ipv4 {
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            four.sin_addr.s_addr = address.v4.bigEndian
            length = MemoryLayout<sockaddr_in>.size
            withUnsafeMutableBytes(of: &storage) { out in withUnsafeBytes(of: &four) { out.copyMemory(from: $0) } }
        } else {
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &six.sin6_addr) { _ = address.write(to: $0) }
            length = MemoryLayout<sockaddr_in6>.size
            withUnsafeMutableBytes(of: &storage) { out in withUnsafeBytes(of: &six) { out.copyMemory(from: $0) } }
        }
        return withUnsafePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
