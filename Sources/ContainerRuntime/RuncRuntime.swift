import Glibc
import KubeAPI
import Processes
import RuntimeSpec
import Synchronization
import Threads

/// Containers through runc or crun, each beside a monitor that outlives this process.
///
///     data/containers/ID/  record.json  config.json  rootfs/ (overlay)  upper/  work/  exit.json
///     data/sandboxes/ID.json
///     run/c/ID/            attach (socket)  pid  runtime.log
public final class RuncRuntime: ContainerRuntime {
    public struct Options: Sendable {
        /// On a file system that overlayfs can write to.
        public var dataFolder = "/var/lib/apus/agent"
        /// Empty after the machine has started; a short path, since sockets are in it.
        public var runFolder = "/run/apus/agent"
        /// `runc` or `crun`, or a path.
        public var runtime = "runc"
        /// The program `apus-monitor`.
        public var monitor = "apus-monitor"
        public var cgroupMountPoint = "/sys/fs/cgroup"
        /// What the runtime itself sees, as `NAME=value`.
        public var environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

        public init() {}
    }

    /// Time for the runtime program to do one thing.
    static let patience = 120

    public let name: String
    public let version: String
    let options: Options
    let cgroups: Cgroups
    private let machine = OCIConfiguration.Machine.here()
    let watch: ProcessWatch
    /// Where each container's log of the runtime and cgroup is found without reading a file.
    let known = Mutex<[String: ContainerRecord]>([:])
    let sandboxes = Mutex<[String: SandboxRecord]>([:])

    /// Reads what an earlier process left.
    public init(_ options: Options = Options()) throws {
        self.options = options
        name = options.runtime.split(separator: "/").last.map(String.init) ?? "runc"
        cgroups = Cgroups(mountPoint: options.cgroupMountPoint)
        watch = try ProcessWatch()
        for folder in [options.dataFolder + "/containers", options.dataFolder + "/sandboxes", options.runFolder + "/c"]
        {
            try Files.makeFolder(folder, mode: 0o700)
        }
        let words = try? Self.version(options)
        version = words?.text.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? "unknown"
        load()
    }

    public func status() async -> String? {
        do {
            return try await OwnThread.wait {
                let end = try Self.version(self.options).end
                return end == .exit(0) ? nil : "\(self.options.runtime) --version ended with \(end.status)"
            }
        } catch {
            return "\(error)"
        }
    }

    private static func version(_ options: Options) throws(ProcessError) -> FinishedProcess {
        try FinishedProcess.run(
            ProgramStart(options.runtime, ["--version"], environment: options.environment), limit: .seconds(10))
    }

    func folder(_ id: String) -> String { "\(options.dataFolder)/containers/\(id)" }
    func runFolder(_ id: String) -> String { "\(options.runFolder)/c/\(id)" }

    // MARK: - Start

    public func startContainer(_ request: ContainerRequest) async throws -> ContainerRecord {
        try await OwnThread.wait {
            do {
                return try self.start(request)
            } catch {
                // What was made of it goes again.
                try? self.remove(request.id)
                throw error
            }
        }
    }

    private func start(_ request: ContainerRequest) throws -> ContainerRecord {
        let (folder, run) = (folder(request.id), runFolder(request.id))
        try Files.makeFolder(folder, mode: 0o700)
        try Files.makeFolder(run, mode: 0o700)
        try OverlayMount.mount(layers: request.layers, folder: folder)
        let config = try OCIConfiguration.json(of: request.plan, rootPath: "rootfs", on: machine)
        try Files.write("\(folder)/config.json", JSONWriter.text(config))
        var flags = [
            "container", "--attach", "\(run)/attach", "--exit-file", "\(folder)/exit.json", "--pid-file", "\(run)/pid",
            "--oom-file", cgroups.outOfMemoryFile(request.plan.cgroup), "--log", request.logPath, "--log-size",
            "\(request.logLimit)", "--log-files", "\(request.logFiles)",
        ]
        if request.hasStdin { flags.append("--stdin") }
        if request.closesStdinOnce { flags.append("--stdin-once") }
        var command = ["run", "--detach", "--bundle", folder, "--pid-file", "\(run)/pid"]
        if request.plan.hasTerminal {
            flags += ["--console", "\(run)/tty"]
            command += ["--console-socket", "\(run)/tty"]
        }
        let (monitor, process) = try startMonitor(
            flags, command + [request.id], log: "\(run)/runtime.log", client: nil)
        let record = ContainerRecord(
            id: request.id, process: process, monitor: monitor, cgroup: request.plan.cgroup, logPath: request.logPath,
            labels: request.labels, startedAt: Clock.now())
        try Files.replace("\(folder)/record.json", JSONWriter.text(record.json))
        known.withLock { $0[request.id] = record }
        return record
    }

    /// Starts a monitor that starts `command` of the runtime, and waits for its report.
    func startMonitor(
        _ flags: [String], _ command: [String], log: String, client: CInt?
    ) throws -> (monitor: ProcessIdentity, process: ProcessIdentity) {
        unlink(log)
        let runtime = [options.runtime, "--root", "\(options.runFolder)/runtime", "--log", log, "--log-format", "json"]
        let arguments = flags + ["--"] + runtime + command
        let (pid, report) = try startReporting(arguments, client: client)
        guard let process = ProcessIdentity.reported(report) else {
            kill(pid, SIGKILL)
            _ = ProcessEnd.reap(pid)
            if let said = RuntimeLog.lastError(log) { throw CommandRefusal(said) }
            throw RuntimeFailure(ProcessIdentity.failure(report))
        }
        guard let monitor = ProcessIdentity(of: pid) else { throw RuntimeFailure("the monitor has ended") }
        return (monitor, process)
    }

    /// Starts the monitor's program and reads the line that it reports.
    func startReporting(_ arguments: [String], client: CInt? = nil) throws -> (pid: pid_t, report: String) {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        let pipe = try ReportPipe()
        let pid = try ProgramStart(
            options.monitor, arguments, environment: options.environment,
            descriptors: [nothing, nothing, nothing, pipe.writeEnd] + (client.map { [$0] } ?? [])
        ).start()
        pipe.closeWriteEnd()
        let (report, isWhole) = pipe.read(seconds: Self.patience)
        return (pid, isWhole ? report : "error the container runtime did not answer within \(Self.patience) s")
    }

    // MARK: - End

    public func containerEnd(_ id: String) async -> ContainerEnd {
        guard let record = known.withLock({ $0[id] }) else { return .unknown(at: Clock.now()) }
        if let end = record.end { return end }
        await withCheckedContinuation { continuation in watch.end(of: record.monitor) { continuation.resume() } }
        return readEnd(of: record)
    }

    /// A container whose monitor was killed is of no use: nobody reads its output or would see it end.
    private func readEnd(of record: ContainerRecord) -> ContainerEnd {
        let end = ContainerEnd.read("\(folder(record.id))/exit.json") ?? .unknown(at: Clock.now())
        if end.isUnknown { record.process.signal(SIGKILL) }
        known.withLock { $0[record.id]?.end = end }
        return end
    }

    public func signal(_ id: String, _ signal: Int32) async throws {
        known.withLock { $0[id] }?.process.signal(signal)
    }

    public func removeContainer(_ id: String) async throws { try await OwnThread.wait { try self.remove(id) } }

    public func retireContainer(_ id: String) async throws { try await OwnThread.wait { try self.release(id) } }

    func remove(_ id: String) throws {
        try release(id)
        try Files.removeTree(folder(id))
        known.withLock { $0[id] = nil }
    }

    /// Ends it, with its cgroup and its root.
    private func release(_ id: String) throws {
        let folder = folder(id)
        // The last thing that goes is there no more.
        guard access(runFolder(id), F_OK) == 0 || access("\(folder)/rootfs", F_OK) == 0 else { return }
        let record = known.withLock { $0[id] }
        record?.process.signal(SIGKILL)
        // A runtime that cannot be run keeps nothing of it alive.
        let deletion = ["--root", "\(options.runFolder)/runtime", "delete", "--force", id]
        _ = try? FinishedProcess.run(
            ProgramStart(options.runtime, deletion, environment: options.environment),
            limit: .seconds(Self.patience))
        if let record {
            // It writes the end down, and goes.
            for _ in 0..<200 where record.monitor.isAlive { usleep(5000) }
            record.monitor.signal(SIGKILL)
            try cgroups.remove(record.cgroup)
        }
        try Files.unmount("\(folder)/rootfs")
        for name in ["rootfs", "upper", "work"] { try Files.removeTree("\(folder)/\(name)") }
        try Files.removeTree("\(options.runFolder)/runtime/\(id)")
        try Files.removeTree(runFolder(id))
    }

    public func stats(_ id: String) async -> ContainerStats? {
        known.withLock { $0[id] }.flatMap { cgroups.stats($0.cgroup) }
    }
}

extension OCIConfiguration.Machine {
    /// What this process may do itself; it cannot give away more.
    static func here() -> OCIConfiguration.Machine {
        var machine = OCIConfiguration.Machine()
        for line in (Files.read("/proc/self/status") ?? "").split(separator: "\n") where line.hasPrefix("CapBnd:") {
            guard let mask = line.split(whereSeparator: \.isWhitespace).last.flatMap({ UInt64($0, radix: 16) }) else {
                continue
            }
            machine.capabilities = Capabilities.named(in: mask)
        }
        if !machine.capabilities.contains("SYS_RESOURCE") {
            let own = Files.read("/proc/self/oom_score_adj")?.split(separator: "\n").first.flatMap { Int($0) }
            machine.lowestOOMScoreAdjustment = own ?? 0
        }
        return machine
    }
}

/// The time of day.
enum Clock {
    /// Nanoseconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension ProcessIdentity {
    /// Of a report `ok PID`.
    static func reported(_ report: String) -> ProcessIdentity? {
        let words = report.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == "ok", let pid = pid_t(words[1]) else { return nil }
        // One that has ended at once is still known by its number.
        return ProcessIdentity(of: pid) ?? ProcessIdentity(pid: pid, birth: 0)
    }

    static func failure(_ report: String) -> String {
        let text = report.hasPrefix("error ") ? report.dropFirst(6) : report[...]
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        return line.isEmpty ? "the monitor ended without a report" : line
    }
}

/// What runc and crun write with --log-format json: an object per line.
enum RuntimeLog {
    static func lastError(_ path: String) -> String? {
        for line in (Files.read(path) ?? "").split(separator: "\n").reversed() {
            guard let entry = try? JSONParser.parse(String(line)), let message = entry["msg"]?.string else { continue }
            let level = entry["level"]?.string ?? "error"
            if ["error", "fatal"].contains(level) { return message }
        }
        return nil
    }
}
