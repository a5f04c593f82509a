import Glibc

/// What files take of their disk.
enum DiskUsage {
    /// Bytes of all files and folders below, on the same file system, as du(1) counts; a file with several names counts once.
    /// No link is followed. What goes while it is looked at counts as nothing. Blocks.
    static func bytes(below path: String) -> Int64 {
        var root = stat()
        guard lstat(path, &root) == 0 else { return 0 }
        var sum = Int64(root.st_blocks) * 512
        var linked: Set<ino_t> = []
        var folders = [path]
        while let folder = folders.popLast() {
            guard let stream = opendir(folder) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                var status = stat()
                guard fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_dev == root.st_dev
                else { continue }
                let isFolder = status.st_mode & S_IFMT == S_IFDIR
                if isFolder { folders.append("\(folder)/\(name)") }
                if !isFolder, status.st_nlink > 1, !linked.insert(status.st_ino).inserted { continue }
                sum &+= Int64(status.st_blocks) * 512
            }
        }
        return sum
    }
}
