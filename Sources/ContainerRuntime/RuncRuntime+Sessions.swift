import CLinux
import Glibc
import KubeAPI
import RuntimeSpec
import Synchronization
import Threads

extension RuncRuntime {
    public func execute(_ request: ExecRequest) async throws -> ContainerSession {
        try await OwnThread.wait { try self.start(request) }
    }

    private func start(_ request: ExecRequest) throws -> ContainerSession {
        let id = request.containerID
        guard let record = known.withLock({ $0[id] }), record.end == nil else {
            throw RuntimeFailure("the container \(id) does not run")
        }
        // `process` is the container's own with other arguments: the same user, environment and capabilities.
        guard let text = Files.read("\(folder(id))/config.json"), let config = try? JSONParser.parse(text),
            var process = config["process"]
        else { throw RuntimeFailure("the configuration of container \(id) cannot be read") }
        process[path: "args"] = .array(request.arguments.map { .string($0) })
        process[path: "terminal"] = .bool(request.hasTerminal)
        let base = "\(runFolder(id))/\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try Files.write("\(base).p", JSONWriter.text(process))
        let cleanup: @Sendable () -> Void = { for suffix in [".p", ".pid", ".log", ".tty"] { unlink(base + suffix) } }
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw RuntimeFailure.last("make a socket pair")
        }
        defer { close(ends[1]) }
        var flags = ["container", "--client", "--pid-file", "\(base).pid"]
        if request.hasStdin { flags.append("--stdin") }
        var command = ["exec", "--detach", "--process", "\(base).p", "--pid-file", "\(base).pid"]
        if request.hasTerminal {
            flags += ["--console", "\(base).tty"]
            command += ["--console-socket", "\(base).tty"]
        }
        do {
            let (monitor, child) = try startMonitor(flags, command + [id], log: "\(base).log", client: ends[1])
            // Reaped when it ends.
            watch.end(of: monitor) {}
            return ContainerSession(descriptor: ends[0], process: child, cleanup: cleanup)
        } catch {
            close(ends[0])
            cleanup()
            throw error
        }
    }

    public func attach(_ id: String) async throws -> ContainerSession {
        guard let record = known.withLock({ $0[id] }), record.end == nil else {
            throw RuntimeFailure("the container \(id) does not run")
        }
        let descriptor = socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw RuntimeFailure.last("make a socket") }
        guard UnixAddress.connect(descriptor, "\(runFolder(id))/attach") else {
            let failure = RuntimeFailure.last("connect to the monitor of \(id)")
            close(descriptor)
            throw failure
        }
        return ContainerSession(descriptor: descriptor, process: record.process)
    }
}

enum UnixAddress {
    /// False, and errno, when it fails.
    static func connect(_ descriptor: CInt, _ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return false
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
