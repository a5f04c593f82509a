import Glibc
import NetTypes

/// iptables-restore and iptables-save of one family, run without a shell.
struct RuleProgram {
    struct Failure: Error, CustomStringConvertible {
        let program: String
        let reason: String
        var description: String { "\(program): \(reason)" }
    }

    let family: IPFamily

    var restoreName: String { family == .ipv4 ? "iptables-restore" : "ip6tables-restore" }
    var saveName: String { family == .ipv4 ? "iptables-save" : "ip6tables-save" }

    func save() throws -> String { try run(saveName, [], input: "") }

    /// Replaces the chains that `text` declares, each table at once.
    func restore(_ text: String) throws { _ = try run(restoreName, ["--noflush", "-w", "5"], input: text) }

    private static let folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"]

    static func path(of program: String) -> String? {
        folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    private func run(_ program: String, _ arguments: [String], input: String) throws -> String {
        guard let path = Self.path(of: program) else {
            throw Failure(program: program, reason: "not installed; install the package iptables")
        }
        // Files stand for pipes: nobody can wait for anybody.
        let streams = try (0..<3).map { _ in try Self.temporaryFile(program) }
        defer { streams.forEach { close($0) } }
        try Self.write(input, to: streams[0], program)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, CInt(number))
        }
        let argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
        let envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, path, &actions, nil, argv, envp)
        guard code == 0 else { throw Failure(program: program, reason: String(cString: strerror(code))) }
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(program: program, reason: "cannot be waited for") }
        }
        guard status == 0 else {
            let words = Self.contents(streams[2]).split(separator: "\n").joined(separator: " ")
            throw Failure(program: program, reason: words.isEmpty ? "failed without a word" : String(words.suffix(400)))
        }
        return Self.contents(streams[1])
    }

    private static func temporaryFile(_ program: String) throws -> CInt {
        let descriptor = open("/tmp", O_RDWR | O_CLOEXEC | O_EXCL | __O_TMPFILE, 0o600)
        guard descriptor >= 0 else {
            throw Failure(program: program, reason: "no temporary file: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private static func write(_ text: String, to descriptor: CInt, _ program: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Failure(program: program, reason: "no room for its input in /tmp")
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    private static func contents(_ descriptor: CInt) -> String {
        let size = Int(max(0, lseek(descriptor, 0, SEEK_END)))
        var bytes = [UInt8](repeating: 0, count: size)
        let count = pread(descriptor, &bytes, size, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
