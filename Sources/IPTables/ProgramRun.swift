import CLinux
import CXTables
import Glibc
import Namespaces

/// What a program that ran to its end left.
struct ProgramRun {
    let output: [UInt8]
    /// What it said on standard error, at most 64 KiB.
    let errors: String
    let succeeded: Bool

    private static let mostErrors = 64 << 10
    private static let mostOutput = 1 << 30

    /// Runs a program without a shell. What it says goes to files in memory, so that it never waits for its reader;
    /// its input comes once `started` has heard its process id.
    static func run(
        _ path: String, _ arguments: [String], input: String = "", started: (pid_t) -> Void = { _ in }
    ) throws(IPTablesError) -> ProgramRun {
        let outputs = [try memoryFile(path), try memoryFile(path)]
        defer { outputs.forEach { close($0) } }
        let (ours, theirs) = try inputPair(path)
        defer { close(ours) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in ([theirs] + outputs).enumerated() {
            posix_spawn_file_actions_adddup2(&actions, stream, CInt(number))
        }
        // libipset's socket stays open on exec.
        apus_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The child begins with no signal blocked or ignored, whatever the daemon does with its own.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var pid: pid_t = 0
        let code = withCStrings([path] + arguments) { argv in
            withCStrings(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]) { envp in
                posix_spawn(&pid, path, &actions, &attributes, argv, envp)
            }
        }
        close(theirs)
        guard code == 0 else { throw IPTablesError(path, "cannot be started: \(String(cString: strerror(code)))") }
        started(pid)
        send(input, to: ours)
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw IPTablesError(path, "cannot be waited for") }
        }
        let errors = String(decoding: contents(outputs[1], most: mostErrors), as: UTF8.self)
        // A signal leaves its number in the low bits.
        guard status & 0x7f == 0 else { throw IPTablesError(path, "ended by signal \(status & 0x7f)") }
        return ProgramRun(output: contents(outputs[0], most: mostOutput), errors: errors, succeeded: status == 0)
    }

    private static func memoryFile(_ path: String) throws(IPTablesError) -> CInt {
        let descriptor = apus_memory_file("apus")
        guard descriptor >= 0 else {
            throw IPTablesError(path, "no file in memory: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// A pipe that raises no signal when its reader is gone.
    private static func inputPair(_ path: String) throws(IPTablesError) -> (ours: CInt, theirs: CInt) {
        var pair: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw IPTablesError(path, "no pipe for its input: \(String(cString: strerror(errno)))")
        }
        return (pair[0], pair[1])
    }

    /// A program that ended early says by its status why it did not read on.
    private static func send(_ text: String, to descriptor: CInt) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset,
                    CInt(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                offset += count
            }
        }
        shutdown(descriptor, CInt(SHUT_WR))
    }

    private static func contents(_ descriptor: CInt, most: Int) -> [UInt8] {
        let size = min(Int(lseek(descriptor, 0, SEEK_END)), most)
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let read = pread(descriptor, buffer.baseAddress?.advanced(by: count), size - count, off_t(count))
                guard read > 0 else { return }
                count += read
            }
        }
    }
}
