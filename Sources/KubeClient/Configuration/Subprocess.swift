import Glibc
import Threads

/// Runs a short-lived program and collects what it prints.
enum Subprocess {
    struct Result: Sendable {
        /// Exit status, or 128 plus the signal that ended the program.
        let status: Int32
        let output: [UInt8]
        let errorOutput: [UInt8]
    }

    enum Failure: Error, CustomStringConvertible {
        case spawn(command: String, errno: Int32)
        case timedOut(command: String)
        case outputTooLong(command: String)

        var description: String {
            switch self {
            case .spawn(let command, let code): "cannot run \(command): \(String(cString: strerror(code)))"
            case .timedOut(let command): "\(command) did not finish in time and was killed"
            case .outputTooLong(let command): "\(command) printed more than 1 MiB and was killed"
            }
        }

        var isMissingProgram: Bool {
            if case .spawn(_, ENOENT) = self { true } else { false }
        }
    }

    private static let outputLimit = 1 << 20

    /// `command` without a slash is looked up in PATH. `environment` is the whole one, as `NAME=value`.
    static func run(
        _ command: String, _ arguments: [String], environment: [String], timeout: Duration
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            OwnThread.detached {
                continuation.resume(
                    with: Swift.Result {
                        try runBlocking(command, arguments, environment: environment, timeout: timeout)
                    })
            }
        }
    }

    private static func runBlocking(
        _ command: String, _ arguments: [String], environment: [String], timeout: Duration
    ) throws(Failure) -> Result {
        guard var output = Pipe(), var errors = Pipe() else { throw .spawn(command: command, errno: errno) }
        let child = try spawn(command, arguments, environment, output: output, errors: errors)
        output.closeWriteEnd()
        errors.closeWriteEnd()
        do {
            let (text, errorText) = try collect(
                output, errors, command: command, deadline: ContinuousClock.now + timeout)
            return Result(status: wait(for: child), output: text, errorOutput: errorText)
        } catch {
            kill(child, SIGKILL)
            _ = wait(for: child)
            throw error
        }
    }

    private static func spawn(
        _ command: String, _ arguments: [String], _ environment: [String], output: borrowing Pipe,
        errors: borrowing Pipe
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, STDERR_FILENO)
        // NIO's sockets are not close-on-exec; a program must not keep our ports and connections open.
        for descriptor in openDescriptors() where descriptor > STDERR_FILENO {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var child = pid_t()
        let code = withCStrings([command] + arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawnp(&child, command, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw .spawn(command: command, errno: code) }
        return child
    }

    private static func openDescriptors() -> [Int32] {
        guard let folder = opendir("/proc/self/fd"), let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)
        else { return [] }
        defer { closedir(folder) }
        var descriptors: [Int32] = []
        while let entry = readdir(folder) {
            let name = (UnsafeRawPointer(entry) + nameOffset).assumingMemoryBound(to: CChar.self)
            if let descriptor = Int32(String(cString: name)), descriptor != dirfd(folder) {
                descriptors.append(descriptor)
            }
        }
        return descriptors
    }

    private static func collect(
        _ output: borrowing Pipe, _ errors: borrowing Pipe, command: String, deadline: ContinuousClock.Instant
    ) throws(Failure) -> (output: [UInt8], errors: [UInt8]) {
        var polls = [
            pollfd(fd: output.readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        var texts: [[UInt8]] = [[], []]
        var chunk = [UInt8](repeating: 0, count: 4096)
        while polls.contains(where: { $0.fd >= 0 }) {
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { throw .timedOut(command: command) }
            guard poll(&polls, nfds_t(polls.count), Int32(min(left + 1, 60_000))) > 0 else { continue }
            for index in polls.indices where polls[index].revents != 0 {
                let count = read(polls[index].fd, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    polls[index].fd = -1
                    continue
                }
                texts[index] += chunk[..<count]
                guard texts[index].count <= outputLimit else { throw .outputTooLong(command: command) }
            }
        }
        return (texts[0], texts[1])
    }

    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return 127 }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

/// Owns both ends of a pipe; neither is inherited by other programs.
private struct Pipe: ~Copyable {
    let readEnd: Int32
    let writeEnd: Int32
    private var isWriteEndOpen = true

    init?() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    mutating func closeWriteEnd() {
        guard isWriteEndOpen else { return }
        isWriteEndOpen = false
        close(writeEnd)
    }

    deinit {
        close(readEnd)
        if isWriteEndOpen { close(writeEnd) }
    }
}

extension OwnThread {
    /// For one blocking call. With no thread to be had it blocks this one rather than lose the caller.
    fileprivate static func detached(_ body: @escaping @Sendable () -> Void) {
        do { try OwnThread(body).detach() } catch { body() }
    }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
    (pointers + strings.count).initialize(to: nil)
    defer {
        for index in strings.indices { free(pointers[index]) }
        pointers.deallocate()
    }
    return body(pointers)
}
