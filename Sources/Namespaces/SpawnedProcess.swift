import CLinux
import Glibc

extension NetworkNamespace {
    /// Starts a program inside the namespace, in a session of its own, with nothing on stdin and `log` (or nothing) as
    /// its output, and no other descriptor. `arguments` exclude the program's own name. Returns its process id; the caller reaps it.
    public borrowing func spawn(
        _ program: String, _ arguments: [String], environment: [String] = [], log: String = "/dev/null"
    ) throws -> pid_t {
        try run { try spawnHere(program, arguments, environment, log) }
    }
}

/// The child inherits the calling thread's namespace.
private func spawnHere(
    _ program: String, _ arguments: [String], _ environment: [String], _ log: String
) throws(NamespaceError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    // Not every library opens its sockets close-on-exec; a child must not keep our ports and connections open.
    apus_spawn_close_from(&actions, STDERR_FILENO + 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | APUS_SPAWN_NEW_SESSION))
    var pid: pid_t = 0
    let code = withCStrings([program] + arguments) { argv in
        withCStrings(environment) { envp in
            posix_spawn(&pid, program, &actions, &attributes, argv, envp)
        }
    }
    guard code == 0 else { throw NamespaceError("start \(program)", code: code) }
    return pid
}

/// Lends a null-terminated array of C strings.
public func withCStrings<Value>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
) -> Value {
    let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
}
