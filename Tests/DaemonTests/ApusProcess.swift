import Glibc
import Namespaces

/// The built `apus` executable, which lies beside the tests' own.
enum ApusProgram {
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
        let own = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return own[..<(own.lastIndex(of: "/") ?? own.startIndex)] + "/apus"
    }()
}

/// A run of `apus`; killed with its owner.
final class ApusProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let pid: pid_t
    private var status: CInt?
    private let log: String

    /// Starts it in the calling thread's network namespace; its output is appended to the file `log`.
    init(_ arguments: [String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Sockets of other tests that are not close-on-exec must not live on in the daemon.
        for descriptor in Folder.names("/proc/self/fd").compactMap({ CInt($0) }) where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var pid: pid_t = 0
        let words = ([ApusProgram.path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        let code = posix_spawn(&pid, ApusProgram.path, &actions, nil, words, environ)
        guard code == 0 else {
            throw Failure(description: "cannot start \(ApusProgram.path): \(String(cString: strerror(code)))")
        }
        self.pid = pid
        self.log = log
    }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    var isRunning: Bool {
        guard status == nil else { return false }
        var code: CInt = 0
        if waitpid(pid, &code, WNOHANG) == pid { status = code }
        return status == nil
    }

    /// Asks it to end, and returns its exit status; fails when it does not end within ten seconds.
    func terminate() throws -> CInt {
        kill(pid, SIGTERM)
        return try wait()
    }

    /// Its exit status: 0 for a good end, 128 and the signal when one ended it.
    func wait(atMost limit: Duration = .seconds(10)) throws -> CInt {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "apus does not end; its log:\n\(output)")
            }
            usleep(2000)
        }
        let code = status ?? 0
        return code & 0x7f == 0 ? code >> 8 & 0xff : 128 + code & 0x7f
    }

    var output: String { TextFile.read(log) ?? "" }
}

/// Small text files.
enum TextFile {
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Puts it there in one step.
    static func write(_ path: String, _ text: String) throws {
        let temporary = "\(path).new"
        guard let file = fopen(temporary, "we") else {
            throw ApusProcess.Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        fputs(text, file)
        guard fclose(file) == 0, rename(temporary, path) == 0 else {
            throw ApusProcess.Failure(description: "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// A directory of its own for a test; gone with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/apus-daemon-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ApusProcess.Failure(description: "cannot make a directory: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        mkdir("\(path)/manifests", 0o700)
    }

    deinit {
        for folder in ["\(path)/manifests", path] {
            for name in Folder.names(folder) { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
    }
}

enum Folder {
    static func names(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) })
        }
        return names
    }
}
