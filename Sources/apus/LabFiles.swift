import ArgumentParser
import Glibc

/// The few file operations the lab commands need.
enum LabFiles {
    static func makeDirectory(_ path: String) throws {
        var parent = ""
        for part in path.split(separator: "/") {
            parent += "/\(part)"
            guard mkdir(parent, 0o755) == 0 || errno == EEXIST else {
                throw CommandFailure("cannot make the directory \(parent): \(String(cString: strerror(errno)))")
            }
        }
    }

    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let written = text.withCString { Glibc.write(file, $0, text.utf8.count) }
        guard file >= 0, close(file) == 0, written == text.utf8.count, rename(temporary, path) == 0 else {
            throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &buffer, buffer.count)
        return count >= 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Files, then directories that are empty by then.
    static func remove(_ paths: [String]) {
        for path in paths where unlink(path) != 0 { rmdir(path) }
    }
}

/// The proxy process of the lab.
enum LabProxy {
    /// Ends it if it runs; false when there was none.
    @discardableResult
    static func stop() -> Bool {
        guard let text = LabFiles.read(LabPlace.record), let pid = pid_t(text.split(separator: "\n").joined()),
            isOurs(pid)
        else { return false }
        kill(pid, SIGTERM)
        for _ in 0..<100 {
            if waitpid(pid, nil, WNOHANG) == pid || !isOurs(pid) { return true }
            usleep(20_000)
        }
        kill(pid, SIGKILL)
        return true
    }

    /// The number may have gone to another program since.
    private static func isOurs(_ pid: pid_t) -> Bool {
        guard let command = LabFiles.read("/proc/\(pid)/cmdline") else { return false }
        return command.split(separator: "\0").contains(Substring(LabPlace.manifests))
    }
}
