import Glibc

/// Files that are read and written as a whole.
enum SmallFile {
    /// Nil, with errno, when it cannot be read or is larger.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            bytes += buffer[..<count]
            if bytes.count > limit {
                errno = EFBIG
                return nil
            }
        }
    }

    /// Replaces the file in one step. False, with errno, when it cannot.
    static func replace(_ path: String, _ bytes: [UInt8]) -> Bool {
        let temporary = path + "-new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
        let isWritten = write(file, bytes, bytes.count) == bytes.count
        let code = isWritten ? 0 : errno
        close(file)
        guard isWritten, rename(temporary, path) == 0 else {
            if code != 0 { errno = code }
            return false
        }
        return true
    }

    /// Without `.` and `..`, in no order; empty when there is no such directory.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func makeDirectories(_ path: String) {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            mkdir(prefix, 0o700)
        }
    }
}
