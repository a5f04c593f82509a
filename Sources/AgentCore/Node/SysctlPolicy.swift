import RuntimeSpec

/// Which sysctls a pod may set: those that touch nobody else, and those that the node's operator allows besides
/// (pkg/kubelet/sysctl/allowlist.go).
public struct SysctlPolicy: Sendable {
    public static let safe: Set = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
    ]

    /// It is not namespaced.
    public struct UnknownPattern: Error, Hashable, CustomStringConvertible {
        public let pattern: String
        public var description: String { "the sysctls \"\(pattern)\" are not known to be namespaced" }
    }

    private var names = safe
    private var prefixes: [String] = []

    /// - Parameter unsafe: names, or beginnings of names that end with `*`, of namespaced sysctls.
    public init(unsafe: [String] = []) throws(UnknownPattern) {
        for pattern in unsafe {
            let isPrefix = pattern.hasSuffix("*")
            let name = SysctlNamespace.normalized(isPrefix ? String(pattern.dropLast()) : pattern)
            guard SysctlNamespace(of: name) != nil else { throw UnknownPattern(pattern: pattern) }
            if isPrefix { prefixes.append(name) } else { names.insert(name) }
        }
    }

    public func rejection(of pod: PodDeclaration) -> PodRejection? {
        for sysctl in pod.sysctls.keys.sorted() {
            if let problem = problem(sysctl, pod) {
                return PodRejection("SysctlForbidden", "forbidden sysctl: \"\(sysctl)\" \(problem)")
            }
        }
        return nil
    }

    private func problem(_ name: String, _ pod: PodDeclaration) -> String? {
        guard names.contains(name) || prefixes.contains(where: name.hasPrefix),
            let namespace = SysctlNamespace(of: name)
        else { return "not allowlisted" }
        let isHosts =
            switch namespace {
            case .ipc: pod.usesHostIPC
            case .network: pod.usesHostNetwork
            }
        return isHosts ? "not allowed with host \(namespace.rawValue) enabled" : nil
    }
}
