import CLinux
import Glibc

/// Namespaces with a name under /run/netns, as `ip netns` keeps them: they outlive the process that made them.
public enum NamedNamespace {
    private static let directory = "/run/netns"

    static func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Makes the namespace with its loopback up. EEXIST if the name is taken.
    public static func create(_ name: String) throws -> NetworkNamespace {
        try prepareDirectory()
        let file = open(path(name), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0)
        guard file >= 0 else { throw NamespaceError.last("create \(path(name))") }
        close(file)
        do {
            let namespace = try NetworkNamespace.create()
            let source = "/proc/self/fd/\(namespace.descriptor)"
            guard mount(source, path(name), "none", UInt(MS_BIND), nil) == 0 else {
                throw NamespaceError.last("bind \(path(name))")
            }
            return namespace
        } catch {
            unlink(path(name))
            throw error
        }
    }

    /// Removes the name; the namespace goes with its last process. A name that does not exist is no error.
    public static func delete(_ name: String) throws(NamespaceError) {
        if umount2(path(name), CInt(MNT_DETACH)) != 0, errno != EINVAL, errno != ENOENT {
            throw .last("unmount \(path(name))")
        }
        if unlink(path(name)) != 0, errno != ENOENT { throw .last("remove \(path(name))") }
    }

    /// The names that begin with `prefix`, sorted.
    public static func list(prefix: String = "") throws(NamespaceError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw .last("list \(directory)")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != "..", name.hasPrefix(prefix) { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes the directory a shared mount once, as `ip netns add` does, so that deletions reach every mount namespace.
    private static func prepareDirectory() throws(NamespaceError) {
        guard mkdir(directory, 0o755) != 0 else {
            let shared = UInt(MS_SHARED | MS_REC)
            _ = mount(directory, directory, "none", UInt(MS_BIND | MS_REC), nil)
            _ = mount("", directory, "none", shared, nil)
            return
        }
        guard errno == EEXIST else { throw .last("create \(directory)") }
    }
}
