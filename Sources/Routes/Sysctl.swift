import Glibc

/// Kernel settings under /proc/sys. Those below net belong to the calling thread's network namespace.
public enum Sysctl {
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public let name: String
        /// nil when reading failed.
        public let value: String?
        public let code: CInt

        /// The kernel has no such setting: the feature is not built in, or its module is not loaded.
        public var isMissing: Bool { code == ENOENT }
        /// /proc/sys is mounted read-only (an unprivileged container), or the setting belongs to the first namespace.
        public var isReadOnly: Bool { code == EROFS || code == EACCES || code == EPERM }

        public var description: String {
            let reason = isReadOnly ? "read-only here" : String(cString: strerror(code))
            return value.map { "cannot set \(name) to \($0): \(reason)" } ?? "cannot read \(name): \(reason)"
        }
    }

    /// `name` has dots (`net.ipv4.ip_forward`), or slashes where an interface's name has dots.
    /// The value comes without its newline.
    public static func read(_ name: String) throws(Failure) -> String {
        let file = open(path(name), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(name: name, value: nil, code: errno) }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &buffer, buffer.count)
        guard count >= 0 else { throw Failure(name: name, value: nil, code: errno) }
        let text = buffer.prefix(count)
        return String(decoding: text.last == UInt8(ascii: "\n") ? text.dropLast() : text, as: UTF8.self)
    }

    public static func write(_ name: String, _ value: String) throws(Failure) {
        let file = open(path(name), O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(name: name, value: value, code: errno) }
        defer { close(file) }
        let bytes = Array(value.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else {
            throw Failure(name: name, value: value, code: errno)
        }
    }

    private static func path(_ name: String) -> String {
        "/proc/sys/" + (name.contains("/") ? name : String(name.map { $0 == "." ? "/" : $0 }))
    }
}
