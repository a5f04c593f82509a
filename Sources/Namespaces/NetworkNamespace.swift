import CLinux
import Glibc
import Threads

/// Owns an open handle on a network namespace. The namespace lives at least as long as the handle.
public struct NetworkNamespace: ~Copyable, Sendable {
    /// Valid for as long as the owner lives.
    public let descriptor: CInt

    private init(opening path: String) throws(NamespaceError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open \(path)") }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// A new namespace without a name, its loopback interface up; gone when nothing uses it any more.
    public static func create() throws -> NetworkNamespace {
        let handle = try OwnThread.run {
            try moveThreadToNewNamespace()
            return try NetworkNamespace.current().release()
        }
        return NetworkNamespace(adopting: handle)
    }

    /// The calling thread's namespace.
    public static func current() throws(NamespaceError) -> NetworkNamespace {
        try NetworkNamespace(opening: "/proc/thread-self/ns/net")
    }

    /// The namespace that `ip netns` calls `name`.
    public static func named(_ name: String) throws(NamespaceError) -> NetworkNamespace {
        try NetworkNamespace(opening: NamedNamespace.path(name))
    }

    /// What a path that leads to a namespace opens as: below /run/netns or /proc.
    public static func at(_ path: String) throws(NamespaceError) -> NetworkNamespace {
        try NetworkNamespace(opening: path)
    }

    /// Whether both are handles on one namespace.
    public borrowing func isSame(as other: borrowing NetworkNamespace) -> Bool {
        var (mine, others) = (stat(), stat())
        return fstat(descriptor, &mine) == 0 && fstat(other.descriptor, &others) == 0
            && mine.st_ino == others.st_ino && mine.st_dev == others.st_dev
    }

    /// The namespace of a process.
    public static func ofProcess(_ pid: pid_t) throws(NamespaceError) -> NetworkNamespace {
        try NetworkNamespace(opening: "/proc/\(pid)/ns/net")
    }

    private init(adopting descriptor: CInt) { self.descriptor = descriptor }

    /// Another owner of the same namespace.
    public borrowing func duplicate() throws(NamespaceError) -> NetworkNamespace {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("duplicate a namespace handle") }
        return NetworkNamespace(adopting: copy)
    }

    /// Gives the descriptor to the caller, who must close it.
    public consuming func release() -> CInt {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    /// Moves the calling thread here for good. Only for threads that the caller owns: never for a pool's.
    public borrowing func enter() throws(NamespaceError) {
        guard apus_setns(descriptor, APUS_CLONE_NEWNET) == 0 else { throw .last("enter a network namespace") }
    }

    /// Runs `body` on a fresh thread inside the namespace and waits for it.
    ///
    /// Sockets opened by `body` stay in the namespace wherever they are used later. A namespace that cannot be entered
    /// is a lost privilege, not an outcome of `body`, hence the untyped error.
    public borrowing func run<Value>(_ body: () throws -> Value) throws -> Value {
        let descriptor = descriptor
        return try OwnThread.run {
            guard apus_setns(descriptor, APUS_CLONE_NEWNET) == 0 else {
                throw NamespaceError.last("enter a network namespace")
            }
            return try body()
        }
    }
}

/// Runs `body` on a fresh thread in a new, unnamed network namespace whose loopback is up, and returns what it returns.
///
/// The namespace disappears with the last socket and process in it. Calls in parallel do not see each other.
public func withNetworkNamespace<Value>(_ body: () throws -> Value) throws -> Value {
    try OwnThread.run {
        try moveThreadToNewNamespace()
        return try body()
    }
}

private func moveThreadToNewNamespace() throws(NamespaceError) {
    guard apus_unshare(APUS_CLONE_NEWNET) == 0 else { throw .last("create a network namespace") }
    guard apus_loopback_up() == 0 else { throw .last("set lo up") }
}
