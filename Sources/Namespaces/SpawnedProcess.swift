import Glibc
import Processes

extension NetworkNamespace {
    /// Starts a program inside the namespace, in a session of its own, with nothing on stdin and `log` (or nothing) as
    /// its output, and no other descriptor but those passed, which it has as 3, 4, ... `arguments` exclude the program's
    /// own name. Returns its process id; the caller reaps it.
    public borrowing func spawn(
        _ program: String, _ arguments: [String], environment: [String] = [], log: String = "/dev/null",
        passing descriptors: [CInt] = []
    ) throws -> pid_t {
        let start = ProgramStart(program, arguments, environment: environment, descriptors: descriptors)
        return try run { try start.start(log: log) }
    }
}
