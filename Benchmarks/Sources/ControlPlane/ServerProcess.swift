import Foundation
import Glibc

/// A release `apus apiserver` on the loopback, with a store of its own; ends with its owner.
final class ServerProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Known by a token, and to nobody's groups.
    static let user = (name: "bench", token: "benchmark-token")

    let folder: URL
    let port: Int
    let program: String
    private var daemon: Daemon?

    init(program: String) throws {
        self.program = program
        port = try Self.freePort()
        folder = FileManager.default.temporaryDirectory.appending(path: "apus-bench-\(getpid())-\(port)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("\(Self.user.token),\(Self.user.name),1\n".utf8).write(to: tokens)
    }

    private var tokens: URL { folder.appending(path: "tokens.csv") }

    /// One that nobody listens on just now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            throw Failure(description: "no free port on the loopback: \(String(cString: strerror(errno)))")
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Throws when it has ended, with what it said last.
    func checkRuns() throws {
        try daemon?.checkRuns()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    var kubeconfig: URL { folder.appending(path: "admin.kubeconfig") }

    func start() throws {
        daemon = try Daemon(
            program: program,
            [
                "apiserver", "--data-dir", folder.appending(path: "data").path, "--bind-address", "127.0.0.1",
                "--secure-port", "\(port)", "--service-cluster-ip-range", "10.0.0.0/12", "--write-kubeconfig",
                kubeconfig.path, "--token-auth-file", tokens.path,
            ], log: folder.appending(path: "log"))
    }

    func stop() {
        daemon?.stop()
        daemon = nil
    }

    /// MiB.
    var residentMemory: Double { daemon?.residentMemory ?? 0 }
    /// Seconds of processor time so far.
    var processorTime: Double { daemon?.processorTime ?? 0 }
}
