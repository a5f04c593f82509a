import ContainerRuntime
import AgentCore
import Glibc
import KubeAPI
import Threads

/// One volume of a pod, made on the node.
struct PodVolume: Sendable {
    private let json: JSONValue
    private let plan: VolumePlan
    private let pod: PodDeclaration
    private let path: String
    private let cluster: ClusterObjects

    init(
        _ json: JSONValue, _ plan: VolumePlan, _ pod: PodDeclaration, _ paths: PodPaths, _ cluster: ClusterObjects
    ) {
        self.json = json
        self.plan = plan
        self.pod = pod
        path = paths.volume(json["name"]?.string ?? "")
        self.cluster = cluster
    }

    /// True for one whose content follows objects of the cluster.
    static func changes(_ json: JSONValue) -> Bool {
        ["configMap", "secret", "projected", "downwardAPI"].contains { json[$0] != nil }
    }

    private var group: UInt32? { pod.securityContext?["fsGroup"]?.integer.map { UInt32(clamping: $0) } }

    /// Makes it; one that is there already stays as it is, but for files.
    func mount() async throws {
        let (path, group) = (path, group)
        switch plan {
        case .emptyDirectory:
            try await OwnThread.wait {
                try Files.makeFolder(path)
                try Self.open(path, to: group)
            }
        case .memory(let limit):
            try await OwnThread.wait {
                try Files.makeFolder(path)
                try Self.mountMemory(path, limit: limit)
                try Self.open(path, to: group)
            }
        case .hostPath(let host, let kind): try await OwnThread.wait { try HostPath(host, kind).check() }
        case .files(_, _):
            let isSecret = json["secret"] != nil || json["projected"] != nil
            try await OwnThread.wait {
                try Files.makeFolder(path)
                // Secrets are not written to a disk.
                if isSecret { try Self.mountMemory(path, limit: nil) }
            }
            try await refresh()
        }
    }

    /// Writes files anew where they have changed, all of them at once.
    func refresh() async throws {
        guard case .files(let files, let group) = plan else { return }
        var entries: [AtomicFolder.Entry] = []
        for file in files {
            let bytes: [UInt8]
            switch file.content {
            case .bytes(let content): bytes = content
            case .token(let audience, let lifetime):
                bytes = Array(try await cluster.token(for: pod, audience: audience, lifetime: lifetime).utf8)
            }
            entries.append(.init(path: file.path, bytes: bytes, mode: file.mode))
        }
        let folder = AtomicFolder(path: path, group: group.map { UInt32(clamping: $0) })
        let (written, user) = (entries, tokenReader)
        try await OwnThread.wait { try folder.replace(written, owner: user) }
    }

    /// Who may read a token that only its owner may read.
    private var tokenReader: UInt32? {
        guard json["projected"] != nil, group == nil else { return nil }
        return pod.soleUser.map { UInt32(clamping: $0) }
    }

    /// Anyone may write; the group owns what is made there.
    private static func open(_ path: String, to group: UInt32?) throws {
        if let group, chown(path, uid_t.max, group) != 0 {
            throw RuntimeFailure.last("change the group of \(path)")
        }
        guard chmod(path, group == nil ? 0o777 : 0o2777) == 0 else {
            throw RuntimeFailure.last("change the mode of \(path)")
        }
    }

    private static func mountMemory(_ path: String, limit: Int64?) throws {
        var own = stat()
        var parent = stat()
        // It is mounted already when it is another file system than its folder.
        guard stat(path, &own) == 0, stat("\(path)/..", &parent) == 0 else {
            throw RuntimeFailure.last("look at \(path)")
        }
        guard own.st_dev == parent.st_dev else { return }
        let options = limit.map { "mode=0755,size=\($0)" } ?? "mode=0755"
        guard Glibc.mount("tmpfs", path, "tmpfs", 0, options) == 0 else {
            throw RuntimeFailure.last("mount a tmpfs at \(path)")
        }
    }
}
