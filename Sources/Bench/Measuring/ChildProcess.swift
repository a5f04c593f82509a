import Glibc
import Namespaces

/// Programs started in the calling thread's network namespace.
public enum ChildProcess {
    public enum Ending {
        case exited(code: CInt, output: String)
        /// Killed when its time was over.
        case timedOut
    }

    /// Runs a program to its end. Its output goes through a file: nobody need drain a pipe meanwhile.
    public static func run(_ program: String, _ arguments: [String], limit: Duration = .seconds(900)) throws -> Ending {
        let log = "/tmp/apus-bench-\(getpid())-\(UInt64.random(in: 0 ... .max)).log"
        defer { unlink(log) }
        let pid = try NetworkNamespace.current().spawn(
            program, arguments, environment: ["PATH=/usr/sbin:/usr/bin"], log: log)
        let deadline = ContinuousClock.now + limit
        var status: CInt = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline {
                kill(pid, SIGKILL)
                waitpid(pid, &status, 0)
                return .timedOut
            }
            usleep(2000)
        }
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -1
        return .exited(code: code, output: TextFile.read(log) ?? "")
    }
}
