import Glibc
import RuntimeSpec

/// What the agent asks of whatever runs containers. Errors are one sentence for people.
public protocol ContainerRuntime: Sendable {
    /// Such as `runc`, the scheme of container ids in statuses.
    var name: String { get }
    /// Of the runtime program.
    var version: String { get }

    /// Why containers cannot be run; nil when they can.
    func status() async -> String?

    /// Everything that is kept, running or not, also what an earlier agent made.
    func inventory() async throws -> RuntimeInventory

    /// Starts what holds a pod's namespaces.
    func startSandbox(_ plan: SandboxPlan) async throws -> SandboxRecord
    /// Returns when its holder is gone; at once for one that is not known.
    func sandboxEnd(_ id: String) async
    /// Ends it and everything that it holds. One that is not known is no error.
    func removeSandbox(_ id: String) async throws

    /// Ends whatever is in pods' cgroups below `root` that no sandbox is known to have, but for those of pods with these uids.
    func removeStrays(below root: String, keeping uids: Set<String>) async

    /// Makes and starts a container. Throws a `CommandRefusal` when only its command cannot be started.
    func startContainer(_ request: ContainerRequest) async throws -> ContainerRecord
    /// Returns how it ended, when it has.
    func containerEnd(_ id: String) async -> ContainerEnd
    /// To its first process. One that has ended is no error.
    func signal(_ id: String, _ signal: Int32) async throws
    /// Gives back what one that has ended still holds; how it ended stays known.
    func retireContainer(_ id: String) async throws
    /// Kills it when it runs, and forgets it and its files. One that is not known is no error.
    func removeContainer(_ id: String) async throws

    /// Starts a further process in a container.
    func execute(_ request: ExecRequest) async throws -> ContainerSession
    /// The streams of its first process.
    func attach(_ id: String) async throws -> ContainerSession
    func stats(_ id: String) async -> ContainerStats?
}

public struct SandboxPlan: Sendable, Hashable {
    public var id: String
    public var hostname: String
    /// Of `net`, `ipc`, `uts` and `pid`: those that are the pod's own. The others are the machine's, or, for pid, each
    /// container's.
    public var namespaces: Set<String>
    /// Values by names with dots between their parts. Only those that its own namespaces keep are written.
    public var sysctls: [String: String]
    /// Where its holder runs, and below which the containers do.
    public var cgroup: String
    public var resources: Resources
    /// What its owner wants to find again.
    public var labels: [String: String]

    public init(
        id: String, hostname: String, namespaces: Set<String>, sysctls: [String: String] = [:], cgroup: String,
        resources: Resources = Resources(), labels: [String: String] = [:]
    ) {
        self.id = id
        self.hostname = hostname
        self.namespaces = namespaces
        self.sysctls = sysctls
        self.cgroup = cgroup
        self.resources = resources
        self.labels = labels
    }

    /// A sysctl that would change more than the sandbox.
    var foreignSysctl: String? {
        sysctls.keys.sorted().first { name in
            SysctlNamespace(of: name).map { !namespaces.contains($0.kind) } ?? true
        }
    }
}

public struct SandboxRecord: Sendable, Hashable {
    public var id: String
    /// Its holder.
    public var process: ProcessIdentity
    public var namespaces: Set<String>
    public var cgroup: String
    public var labels: [String: String]
    /// Nanoseconds since 1970.
    public var createdAt: Int64
    public var isRunning: Bool

    /// Opens as the namespace, for a kind that is the pod's own.
    public func path(of kind: String) -> String? {
        namespaces.contains(kind) ? "/proc/\(process.pid)/ns/\(kind)" : nil
    }
}

public struct ContainerRequest: Sendable, Hashable {
    public var id: String
    public var plan: ContainerPlan
    /// Directories of its image, the topmost first.
    public var layers: [String]
    /// Its log in CRI's format; the folder must exist.
    public var logPath: String
    /// Bytes of one log file, and how many are kept.
    public var logLimit: Int64
    public var logFiles: Int
    public var hasStdin: Bool
    public var closesStdinOnce: Bool
    public var labels: [String: String]

    public init(
        id: String, plan: ContainerPlan, layers: [String], logPath: String, logLimit: Int64 = 10 << 20,
        logFiles: Int = 5, hasStdin: Bool = false, closesStdinOnce: Bool = false, labels: [String: String] = [:]
    ) {
        self.id = id
        self.plan = plan
        self.layers = layers
        self.logPath = logPath
        self.logLimit = logLimit
        self.logFiles = logFiles
        self.hasStdin = hasStdin
        self.closesStdinOnce = closesStdinOnce
        self.labels = labels
    }
}

public struct ContainerRecord: Sendable, Hashable {
    public var id: String
    /// Its first process.
    public var process: ProcessIdentity
    public var monitor: ProcessIdentity
    public var cgroup: String
    public var logPath: String
    public var labels: [String: String]
    /// Nanoseconds since 1970.
    public var startedAt: Int64
    /// Nil while it runs.
    public var end: ContainerEnd?
}

public struct ContainerEnd: Sendable, Hashable {
    /// 0 to 255.
    public var exitCode: Int32
    /// 0 when it ended by itself.
    public var signal: Int32
    public var isOutOfMemory: Bool
    /// Nanoseconds since 1970.
    public var finishedAt: Int64
    /// Nobody saw how it ended: its monitor was killed, or the machine was started anew.
    public var isUnknown: Bool

    public init(
        exitCode: Int32, signal: Int32 = 0, isOutOfMemory: Bool = false, finishedAt: Int64, isUnknown: Bool = false
    ) {
        self.exitCode = exitCode
        self.signal = signal
        self.isOutOfMemory = isOutOfMemory
        self.finishedAt = finishedAt
        self.isUnknown = isUnknown
    }

    static func unknown(at time: Int64) -> ContainerEnd {
        ContainerEnd(exitCode: 137, finishedAt: time, isUnknown: true)
    }
}

public struct ExecRequest: Sendable, Hashable {
    public var containerID: String
    public var arguments: [String]
    public var hasTerminal: Bool
    public var hasStdin: Bool

    public init(containerID: String, arguments: [String], hasTerminal: Bool = false, hasStdin: Bool = false) {
        self.containerID = containerID
        self.arguments = arguments
        self.hasTerminal = hasTerminal
        self.hasStdin = hasStdin
    }
}

public struct RuntimeInventory: Sendable {
    public var sandboxes: [SandboxRecord] = []
    public var containers: [ContainerRecord] = []

    public init(sandboxes: [SandboxRecord] = [], containers: [ContainerRecord] = []) {
        self.sandboxes = sandboxes
        self.containers = containers
    }
}

public struct ContainerStats: Sendable, Hashable {
    /// Nanoseconds of processor time since the start.
    public var cpuNanoseconds: UInt64
    /// Bytes, all of it and without what the kernel can drop at once.
    public var memoryUsage: UInt64
    public var memoryWorkingSet: UInt64
    public var processes: UInt64
}

/// One sentence: what could not be done, and why.
public struct RuntimeFailure: Error, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// Takes the calling thread's errno: make it before anything else runs.
    public static func last(_ operation: String) -> RuntimeFailure {
        RuntimeFailure("\(operation): \(String(cString: strerror(errno)))")
    }
}

/// What the runtime says of a container whose command it cannot start: no such file, no right to run it.
public struct CommandRefusal: Error, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
