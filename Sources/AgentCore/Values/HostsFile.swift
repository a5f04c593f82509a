import KubeAPI

/// /etc/hosts of a pod.
public enum HostsFile {
    /// - Parameters:
    ///   - machine: the machine's own, for pods in its network.
    ///   - domain: the cluster's, such as `cluster.local`.
    public static func text(_ pod: PodDeclaration, addresses: [String], machine: String, domain: String) -> String {
        var text: String
        if pod.usesHostNetwork {
            text = machine.hasSuffix("\n") ? machine : machine + "\n"
        } else {
            text = """
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters

                """
            let names = pod.fullName(domain: domain).map { "\($0)\t\(pod.hostname)" } ?? pod.hostname
            for address in addresses { text += "\(address)\t\(names)\n" }
        }
        let aliases = pod.object.spec?["hostAliases"]?.array ?? []
        if !aliases.isEmpty { text += "\n# Entries added by HostAliases.\n" }
        for alias in aliases {
            let names = alias["hostnames"]?.array?.compactMap(\.string) ?? []
            text += "\(alias["ip"]?.string ?? "")\t\(names.joined(separator: "\t"))\n"
        }
        return text
    }
}
