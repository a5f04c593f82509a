import Glibc
import RuntimeSpec

/// The machine's device files, all of which a privileged container gets.
enum HostDevices {
    /// What every container has of its own.
    private static let passed: Set<String> = ["pts", "shm", "mqueue", "fd", "console", "ptmx"]

    static func all() -> [ContainerPlan.Device] { devices(in: "/dev") }

    private static func devices(in folder: String) -> [ContainerPlan.Device] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var devices: [ContainerPlan.Device] = []
        while let entry = readdir(entries) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(".") || passed.contains(name) { continue }
            devices += self.devices(at: "\(folder)/\(name)")
        }
        return devices.sorted { $0.path < $1.path }
    }

    private static func devices(at path: String) -> [ContainerPlan.Device] {
        var status = stat()
        guard lstat(path, &status) == 0 else { return [] }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return devices(in: path)
        case S_IFCHR, S_IFBLK:
            return [
                ContainerPlan.Device(
                    path: path, isBlock: status.st_mode & S_IFMT == S_IFBLK,
                    major: major(status.st_rdev), minor: minor(status.st_rdev),
                    mode: UInt32(status.st_mode & 0o777), uid: status.st_uid, gid: status.st_gid)
            ]
        default: return []
        }
    }

    // As glibc's macros of these names have it, which Swift cannot import.
    private static func major(_ device: dev_t) -> Int64 {
        Int64((device >> 8) & 0xfff | (device >> 32) & ~0xfff)
    }

    private static func minor(_ device: dev_t) -> Int64 {
        Int64(device & 0xff | (device >> 12) & 0xffff_ff00)
    }
}
