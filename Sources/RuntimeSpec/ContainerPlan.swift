/// All that a container runtime must know of one container; paths are the machine's unless said otherwise.
public struct ContainerPlan: Sendable, Hashable {
    /// Which namespace of a kind the container is in.
    public enum Namespace: Sendable, Hashable {
        case own
        case host
        /// Opens as the namespace, such as `/proc/42/ns/net`.
        case path(String)
    }

    public enum Seccomp: Sendable, Hashable {
        case runtimeDefault
        case unconfined
        /// `linux.seccomp` of the runtime specification as JSON text.
        case profile(String)
    }

    public struct Mount: Sendable, Hashable {
        public var source: String
        /// Inside the container.
        public var destination: String
        public var type: String
        public var options: [String]

        public init(source: String, destination: String, type: String = "bind", options: [String]) {
            self.source = source
            self.destination = destination
            self.type = type
            self.options = options
        }

        /// What of the machine is seen inside; mounts made later on the machine are too when `propagation` says so.
        public static func bind(
            _ source: String, at destination: String, isReadOnly: Bool = false, propagation: String = "rprivate"
        ) -> Mount {
            Mount(
                source: source, destination: destination, options: ["rbind", propagation, isReadOnly ? "ro" : "rw"])
        }
    }

    public struct User: Sendable, Hashable {
        public var uid: UInt32
        public var gid: UInt32
        public var additionalGroups: [UInt32]

        public init(uid: UInt32 = 0, gid: UInt32 = 0, additionalGroups: [UInt32] = []) {
            self.uid = uid
            self.gid = gid
            self.additionalGroups = additionalGroups
        }
    }

    public struct Device: Sendable, Hashable {
        /// Inside the container.
        public var path: String
        public var isBlock: Bool
        public var major: Int64
        public var minor: Int64
        /// Of `rwm`.
        public var access: String
        /// Of its file inside.
        public var mode: UInt32
        public var uid: UInt32
        public var gid: UInt32

        public init(
            path: String, isBlock: Bool, major: Int64, minor: Int64, access: String = "rwm", mode: UInt32 = 0o666,
            uid: UInt32 = 0, gid: UInt32 = 0
        ) {
            self.path = path
            self.isBlock = isBlock
            self.major = major
            self.minor = minor
            self.access = access
            self.mode = mode
            self.uid = uid
            self.gid = gid
        }
    }

    public var arguments: [String]
    /// `NAME=value`.
    public var environment: [String]
    /// Inside the container.
    public var workingDirectory = "/"
    public var user = User()
    public var hasTerminal = false
    public var isRootReadOnly = false
    public var network = Namespace.own
    public var ipc = Namespace.own
    public var uts = Namespace.own
    public var pid = Namespace.own
    public var mounts: [Mount] = []
    /// Without `CAP_`; `ALL` is every one.
    public var addedCapabilities: [String] = []
    public var droppedCapabilities: [String] = []
    public var isPrivileged = false
    public var allowsPrivilegeEscalation = true
    public var seccomp = Seccomp.unconfined
    /// False shows all of /proc (`procMount: Unmasked`).
    public var masksProc = true
    public var devices: [Device] = []
    public var resources = Resources()
    /// From the root of the cgroup hierarchies, such as `/kubepods/burstable/podUID/ID`.
    public var cgroup: String
    public var oomScoreAdjustment = 0
    public var annotations: [String: String] = [:]

    public init(arguments: [String], environment: [String] = [], cgroup: String) {
        self.arguments = arguments
        self.environment = environment
        self.cgroup = cgroup
    }
}
