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

    let pid: pid_t
    private var status: CInt?
    private let log: String

    /// Starts it in a network namespace; its output is appended to the file `log`.
    init(_ arguments: [String], in namespace: borrowing NetworkNamespace, log: String) throws {
        pid = try namespace.spawn(ApusProgram.path, arguments, log: log)
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

    /// Asks it to end, and returns its exit status; fails when it does not end within a minute.
    func terminate() throws -> CInt {
        kill(pid, SIGTERM)
        return try wait()
    }

    /// Its exit status: 0 for a good end, 128 and the signal when one ended it.
    func wait(atMost limit: Duration = .seconds(60)) throws -> CInt {
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
