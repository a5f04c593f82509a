/// The kind of namespace that keeps a value of its own of a sysctl. Every other sysctl is the whole machine's.
public enum SysctlNamespace: String, Sendable {
    case ipc = "IPC"
    case network = "Net"

    /// Nil for a name that is not known to be namespaced.
    /// - Parameter name: with dots between its parts, or the beginning of one.
    public init?(of name: String) {
        if name == "kernel.sem" || ["kernel.shm", "kernel.msg", "fs.mqueue."].contains(where: name.hasPrefix) {
            self = .ipc
        } else if name.hasPrefix("net.") {
            self = .network
        } else {
            return nil
        }
    }

    /// As runtimes and the kernel write it.
    public var kind: String {
        switch self {
        case .ipc: "ipc"
        case .network: "net"
        }
    }

    /// `net/ipv4/conf/eth0.100/rp_filter` as `net.ipv4.conf.eth0/100.rp_filter`; one with dots stays as it is.
    public static func normalized(_ name: String) -> String {
        guard name.first(where: { $0 == "." || $0 == "/" }) == "/" else { return name }
        return String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
    }
}
