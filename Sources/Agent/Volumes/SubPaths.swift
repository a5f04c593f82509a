import ContainerRuntime
import AgentCore
import CLinux
import Glibc
import RuntimeSpec

/// Mounts of a part of a volume. A container may have put links there: the part is opened as if the volume were the whole
/// file system, and bound to a place of our own, so that nothing outside is reached.
struct SubPaths {
    private let planner: ContainerPlanner
    private let volumes: [String: String]
    private let container: ContainerDeclaration
    private let paths: PodPaths

    init(
        _ planner: ContainerPlanner, _ volumes: [String: String], _ container: ContainerDeclaration, _ paths: PodPaths
    ) {
        self.planner = planner
        self.volumes = volumes
        self.container = container
        self.paths = paths
    }

    /// The plan with our own places instead of parts of volumes.
    func bind(_ plan: ContainerPlan) throws -> ContainerPlan {
        var plan = plan
        for (index, part) in try planner.subPaths().enumerated() {
            guard let volume = volumes[part.volume] else { continue }
            let place = paths.subPath(container.name, index)
            try bind(volume, part.path, at: place)
            for mount in plan.mounts.indices where plan.mounts[mount].source == "\(volume)/\(part.path)" {
                plan.mounts[mount].source = place
            }
        }
        return plan
    }

    private func bind(_ volume: String, _ part: String, at place: String) throws {
        let root = open(volume, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw RuntimeFailure.last("open \(volume)") }
        defer { close(root) }
        var target = apus_open_in_root(root, part)
        if target < 0, errno == ENOENT {
            try make(part, below: root)
            target = apus_open_in_root(root, part)
        }
        guard target >= 0 else { throw RuntimeFailure.last("open \(part) in \(volume)") }
        defer { close(target) }
        var status = stat()
        guard fstat(target, &status) == 0 else { throw RuntimeFailure.last("look at \(part) in \(volume)") }
        umount2(place, CInt(MNT_DETACH))
        if let slash = place.lastIndex(of: "/") { try Files.makeFolder(String(place[..<slash])) }
        if status.st_mode & S_IFMT == S_IFDIR {
            try Files.makeFolder(place)
        } else {
            try Files.write(place, [UInt8](), mode: 0o644)
        }
        guard mount("/proc/self/fd/\(target)", place, "none", UInt(MS_BIND | MS_REC), nil) == 0 else {
            throw RuntimeFailure.last("mount \(part) of \(volume)")
        }
    }

    /// Folders that are not there, one after the other, each opened before the next is made in it.
    private func make(_ part: String, below root: CInt) throws {
        var folder = dup(root)
        defer { close(folder) }
        for name in part.split(separator: "/") {
            if mkdirat(folder, String(name), 0o777) != 0, errno != EEXIST {
                throw RuntimeFailure.last("make \(part)")
            }
            let next = openat(folder, String(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { throw RuntimeFailure.last("open \(part)") }
            close(folder)
            folder = next
        }
    }
}
