import Foundation
import Glibc

/// Debian's etcd, one member or several, on ports that were free; with TLS towards its clients if there are certificates.
/// Killed with its owner.
public final class EtcdCluster {
    private let folder = TestFolder()
    private var members: [LoggedProcess] = []
    private let ports: [(client: UInt16, peer: UInt16)]
    private let certificates: TestCertificates?
    private let flags: [String]

    public init(members count: Int, _ certificates: TestCertificates? = nil, flags: [String] = []) throws {
        self.certificates = certificates
        self.flags = flags
        ports = try (0..<count).map { _ in (try FreePort.take(), try FreePort.take()) }
        for index in 0..<count { members.append(try start(index)) }
    }

    public var endpoints: String { ports.map { url($0.client) }.joined(separator: ",") }

    private func url(_ port: UInt16) -> String { "\(certificates == nil ? "http" : "https")://127.0.0.1:\(port)" }

    private func start(_ index: Int) throws -> LoggedProcess {
        let all = ports.enumerated().map { "m\($0)=http://127.0.0.1:\($1.peer)" }.joined(separator: ",")
        let (client, peer) = ports[index]
        var arguments = [
            "--name", "m\(index)", "--data-dir", "\(folder.path)/m\(index)", "--initial-cluster", all,
            "--listen-peer-urls", "http://127.0.0.1:\(peer)", "--initial-advertise-peer-urls",
            "http://127.0.0.1:\(peer)", "--listen-client-urls", url(client), "--advertise-client-urls", url(client),
            "--log-level", "error",
        ]
        if let certificates {
            arguments += [
                "--cert-file", certificates.server.certificate, "--key-file", certificates.server.key,
                "--trusted-ca-file", certificates.authority, "--client-cert-auth",
            ]
        }
        return try LoggedProcess(Program.start("etcd", arguments + flags))
    }

    /// Kills a member.
    public func kill(_ index: Int) { members[index].crash() }

    /// Starts a member that was killed.
    public func restart(_ index: Int) throws { members[index] = try start(index) }
}
