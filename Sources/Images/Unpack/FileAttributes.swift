import CLinux
import Glibc

/// Owner, permissions, extended attributes and time of a file, put on in the order in which none undoes another: a new
/// owner takes setuid bits and capabilities away.
struct FileAttributes {
    var mode: UInt32
    var user: UInt32
    var group: UInt32
    var modified: TarTime
    var extended: [TarEntry.ExtendedAttribute] = []

    init(_ entry: TarEntry) {
        mode = entry.mode
        user = entry.user
        group = entry.group
        modified = entry.modified
        extended = entry.extendedAttributes.filter { Self.isKept($0.name) }
    }

    init(_ status: Directory.Status) {
        mode = status.mode
        user = status.user
        group = status.group
        modified = status.modified
    }

    /// Overlayfs keeps its own marks in `trusted.` and `user.overlay.`, through which a layer could reach others; labels of
    /// SELinux are the machine's own.
    static func isKept(_ name: [UInt8]) -> Bool {
        guard !name.contains(0), name.count <= 255 else { return false }
        let isUser = name.starts(with: "user.".utf8) && !name.starts(with: "user.overlay.".utf8)
        return isUser || name.elementsEqual("security.capability".utf8)
    }

    /// To an open file or directory.
    func apply(to descriptor: CInt, name: String) throws(ImageError) {
        guard fchown(descriptor, user, group) == 0 else { throw .last("give \(name) its owner \(user):\(group)") }
        guard fchmod(descriptor, mode) == 0 else { throw .last("give \(name) its mode") }
        try applyExtended(path: "/proc/self/fd/\(descriptor)", name: name)
        let times = self.times
        guard futimens(descriptor, times) == 0 else { throw .last("give \(name) its time") }
    }

    /// To a name that is not opened: a symbolic link, a device.
    func apply(to file: FileName, in directory: Directory, isLink: Bool) throws(ImageError) {
        guard fchownat(directory.descriptor, file.cString, user, group, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .last("give \(file.text) its owner \(user):\(group)")
        }
        if !isLink, fchmodat(directory.descriptor, file.cString, mode, 0) != 0 {
            throw .last("give \(file.text) its mode")
        }
        let times = self.times
        guard utimensat(directory.descriptor, file.cString, times, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .last("give \(file.text) its time")
        }
    }

    private func applyExtended(path: String, name: String) throws(ImageError) {
        for attribute in extended {
            let key = attribute.name.map { CChar(bitPattern: $0) } + [0]
            let code = attribute.value.withUnsafeBytes { setxattr(path, key, $0.baseAddress, $0.count, 0) }
            // The file system of the store may have no user attributes.
            if code != 0, errno != ENOTSUP {
                throw .last("give \(name) its attribute \(String(decoding: attribute.name, as: UTF8.self))")
            }
        }
    }

    /// Access and modification.
    var times: [timespec] {
        let time = timespec(tv_sec: Int(modified.seconds), tv_nsec: Int(modified.nanoseconds))
        return [time, time]
    }
}
