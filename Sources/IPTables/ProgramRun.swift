import CLinux
import Glibc
import Processes

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
        let outputs = try Self.wrapped(path) { () throws(ProcessError) in
            [try MemoryFile("output"), try MemoryFile("errors")]
        }
        let (ours, theirs) = try inputPair(path)
        defer { close(ours) }
        let start = ProgramStart(
            path, arguments, environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
            descriptors: [theirs] + outputs.map(\.descriptor))
        let pid: pid_t
        do {
            defer { close(theirs) }
            pid = try Self.wrapped(path, start.start)
        }
        started(pid)
        send(input, to: ours)
        let end = ProcessEnd.reap(pid)
        let errors = String(decoding: outputs[1].read(limit: mostErrors), as: UTF8.self)
        if case .signal(let signal) = end { throw IPTablesError(path, "ended by signal \(signal)") }
        return ProgramRun(output: outputs[0].read(limit: mostOutput), errors: errors, succeeded: end == .exit(0))
    }

    private static func wrapped<Value>(
        _ path: String, _ body: () throws(ProcessError) -> Value
    ) throws(IPTablesError) -> Value {
        do { return try body() } catch { throw IPTablesError(path, error.description) }
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
}
