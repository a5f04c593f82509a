import Routes

/// Kernel settings of a namespace that stands for a machine.
public enum NamespaceSettings {
    /// Forwarding, addresses that work at once, no chatter, and ICMP errors for every packet instead of a few a second; in
    /// the calling thread's namespace. A setting that the kernel does not have is passed over.
    public static func apply(forwards: Bool) {
        var settings = [
            ("net.ipv4.conf.all.send_redirects", "0"), ("net.ipv4.conf.default.send_redirects", "0"),
            ("net.ipv6.conf.all.accept_dad", "0"), ("net.ipv6.conf.default.accept_dad", "0"),
            ("net.ipv6.conf.default.router_solicitations", "0"),
            ("net.ipv4.icmp_ratemask", "0"), ("net.ipv4.icmp_msgs_per_sec", "1000000"),
            ("net.ipv4.icmp_msgs_burst", "1000000"), ("net.ipv6.icmp.ratelimit", "0"),
        ]
        if forwards { settings += [("net.ipv4.ip_forward", "1"), ("net.ipv6.conf.all.forwarding", "1")] }
        for (name, value) in settings { try? Sysctl.write(name, value) }
    }
}
