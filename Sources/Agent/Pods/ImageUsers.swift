import ContainerRuntime
import AgentCore
import CLinux
import Glibc
import RuntimeSpec

/// Who an image's `user` is, by the /etc/passwd and /etc/group of its layers.
struct ImageUsers {
    let layers: [String]

    /// `user`, `uid`, `user:group` or `uid:gid`; empty is root.
    func user(_ text: String) throws -> ContainerPlan.User {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        var user = ContainerPlan.User()
        let entry = rows("etc/passwd").first { $0.count > 3 && ($0[0] == name || $0[2] == name) }
        if name.isEmpty {
            user.uid = 0
        } else if let uid = UInt32(name) {
            user.uid = uid
            user.gid = entry.flatMap { UInt32($0[3]) } ?? 0
        } else {
            guard let entry, let uid = UInt32(entry[2]) else {
                throw ConfigurationFailure("the image's user \"\(name)\" is not in its /etc/passwd")
            }
            user.uid = uid
            user.gid = UInt32(entry[3]) ?? 0
        }
        let groups = rows("etc/group")
        let login = entry?[0] ?? name
        user.additionalGroups = groups.filter { $0.count > 3 && $0[3].split(separator: ",").contains(Substring(login)) }
            .compactMap { UInt32($0[2]) }
        guard parts.count == 2 else { return user }
        if let gid = UInt32(parts[1]) {
            user.gid = gid
        } else if let gid = groups.first(where: { $0.count > 2 && $0[0] == parts[1] }).flatMap({ UInt32($0[2]) }) {
            user.gid = gid
        } else {
            throw ConfigurationFailure("the image's group \"\(parts[1])\" is not in its /etc/group")
        }
        return user
    }

    /// Of the topmost layer that has the file; no link leads out of the layer.
    private func rows(_ path: String) -> [[String]] {
        for layer in layers {
            let root = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard root >= 0 else { continue }
            defer { close(root) }
            let file = apus_open_in_root(root, path)
            guard file >= 0 else { continue }
            defer { close(file) }
            guard let text = Files.read("/proc/self/fd/\(file)") else { continue }
            return text.split(whereSeparator: \.isNewline).map {
                $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            }
        }
        return []
    }
}
