import Foundation
import Glibc

/// Debian's etcd, one member or several, on ports that were free; killed with its owner.
final class EtcdCluster {
    static let isInstalled = Command.isInstalled("etcd")

    private let folder = TestFolder()
    private var members: [Process] = []
    private let ports: [(client: Int, peer: Int)]

    init(members count: Int) throws {
        ports = (0..<count).map { _ in (Self.freePort(), Self.freePort()) }
        for index in 0..<count { members.append(try start(index)) }
    }

    deinit {
        for member in members where member.isRunning {
            Glibc.kill(member.processIdentifier, SIGKILL)
            member.waitUntilExit()
        }
    }

    var endpoints: String { ports.map { "http://127.0.0.1:\($0.client)" }.joined(separator: ",") }

    private func start(_ index: Int) throws -> Process {
        let all = ports.enumerated().map { "m\($0)=http://127.0.0.1:\($1.peer)" }.joined(separator: ",")
        let (client, peer) = ports[index]
        let process = Process()
        process.executableURL = URL(filePath: Command.path("etcd") ?? "/usr/bin/etcd")
        process.arguments = [
            "--name", "m\(index)", "--data-dir", "\(folder.path)/m\(index)", "--initial-cluster", all,
            "--listen-peer-urls", "http://127.0.0.1:\(peer)", "--initial-advertise-peer-urls",
            "http://127.0.0.1:\(peer)", "--listen-client-urls", "http://127.0.0.1:\(client)",
            "--advertise-client-urls", "http://127.0.0.1:\(client)", "--log-level", "error",
        ]
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Kills a member.
    func kill(_ index: Int) {
        Glibc.kill(members[index].processIdentifier, SIGKILL)
        members[index].waitUntilExit()
    }

    /// Starts a member that was killed.
    func restart(_ index: Int) throws { members[index] = try start(index) }

    private static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
                getsockname(descriptor, $0, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}
