import AgentCore
import ContainerRuntime
import KubeAPI
import Threads

/// Where a pod's files are.
struct PodPaths: Sendable {
    let root: String
    let logs: String

    init(_ options: AgentOptions, key: NamespacedName, uid: String) {
        root = "\(options.dataFolder)/pods/\(uid)"
        logs = "\(options.logFolder)/\(key.namespace)_\(key.name)_\(uid)"
    }

    func volume(_ name: String) -> String { "\(root)/volumes/\(name)" }
    var resolver: String { "\(root)/etc/resolv.conf" }
    var hosts: String { "\(root)/etc/hosts" }
    var hostname: String { "\(root)/etc/hostname" }
    var shared: String { "\(root)/shm" }
    func log(_ container: String, _ attempt: Int64) -> String { "\(logs)/\(container)/\(attempt).log" }
    func message(_ container: String, _ attempt: Int64) -> String { "\(root)/containers/\(container)/\(attempt)" }
    /// Bound to what a mount's subPath names.
    func subPath(_ container: String, _ index: Int) -> String { "\(root)/subpaths/\(container)/\(index)" }
}

enum PodFiles {
    /// Everything that is mounted below, then everything that is there. A pod without files is no error.
    static func remove(_ paths: PodPaths) async throws {
        try await OwnThread.wait {
            Mounts.unmountAll(below: paths.root)
            try Files.removeTree(paths.root)
            try Files.removeTree(paths.logs)
        }
    }
}
