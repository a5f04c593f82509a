import ContainerRuntime
import AgentCore
import Glibc

/// A path of the machine that a pod asks for, checked against what it says it is.
struct HostPath {
    private let path: String
    private let kind: String

    init(_ path: String, _ kind: String) {
        self.path = path
        self.kind = kind
    }

    private static let kinds: [String: mode_t] = [
        "Directory": S_IFDIR, "DirectoryOrCreate": S_IFDIR, "File": S_IFREG, "FileOrCreate": S_IFREG,
        "Socket": S_IFSOCK, "CharDevice": S_IFCHR, "BlockDevice": S_IFBLK,
    ]

    func check() throws {
        var status = stat()
        if stat(path, &status) != 0 {
            guard errno == ENOENT else { throw RuntimeFailure.last("look at \(path)") }
            switch kind {
            // Runtimes make what is not there.
            case "", "DirectoryOrCreate": return try Files.makeFolder(path)
            case "FileOrCreate": return try Files.write(path, [UInt8](), mode: 0o644)
            default: throw ConfigurationFailure("hostPath type check failed: \(path) does not exist")
            }
        }
        guard let wanted = Self.kinds[kind], status.st_mode & S_IFMT != wanted else { return }
        let names = [
            "DirectoryOrCreate": "directory", "Directory": "directory", "File": "file", "FileOrCreate": "file",
        ]
        throw ConfigurationFailure("hostPath type check failed: \(path) is not a \(names[kind] ?? kind)")
    }
}
