/// The kernel's capabilities (capabilities(7)), without their prefix.
public enum Capabilities {
    /// What containers have unless told otherwise, as every Kubernetes runtime gives them.
    public static let normal = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ]

    /// In the order of their numbers.
    public static let all = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// What a plan's container has. Named ones win over `ALL`: dropping `ALL` and adding one leaves that one.
    public static func effective(of plan: ContainerPlan) -> [String] {
        if plan.isPrivileged { return all }
        let added = Set(plan.addedCapabilities.map(plain))
        let dropped = Set(plan.droppedCapabilities.map(plain))
        let start = added.contains("ALL") ? Set(all) : dropped.contains("ALL") ? [] : Set(normal)
        let set = start.subtracting(dropped).union(added.subtracting(["ALL"]))
        return all.filter(set.contains)
    }

    /// Those whose bits are set in a line of /proc/PID/status.
    public static func named(in mask: UInt64) -> Set<String> {
        Set(all.indices.filter { mask >> UInt64($0) & 1 == 1 }.map { all[$0] })
    }

    private static func plain(_ name: String) -> String {
        let name = name.uppercased()
        return name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
    }
}
