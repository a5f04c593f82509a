import ContainerRuntime
import AgentCore
import Glibc
import KubeSchema

/// The files of a pod's /etc that the node writes, and its shared memory.
enum PodEtc {
    static func write(_ pod: PodDeclaration, _ paths: PodPaths, addresses: [String], _ options: AgentOptions) throws {
        try Files.makeFolder("\(paths.root)/etc")
        let machine = ResolverFile(parsing: Files.read(options.resolverFile) ?? "")
        let resolver = ResolverFile(pod, machine: machine, cluster: options.clusterDNS, domain: options.clusterDomain)
        try Files.write(paths.resolver, resolver.text, mode: 0o644)
        let hosts = HostsFile.text(
            pod, addresses: addresses, machine: pod.usesHostNetwork ? Files.read(options.hostsFile) ?? "" : "",
            domain: options.clusterDomain)
        try Files.write(paths.hosts, hosts, mode: 0o644)
        let name = try pod.kernelHostname(domain: options.clusterDomain)
        try Files.write(paths.hostname, name + "\n", mode: 0o644)
        guard !pod.usesHostIPC else { return }
        // One for all containers, as they share the IPC namespace.
        try Files.makeFolder(paths.shared)
        umount2(paths.shared, CInt(MNT_DETACH))
        let flags = UInt(MS_NOSUID | MS_NOEXEC | MS_NODEV)
        guard mount("shm", paths.shared, "tmpfs", flags, "mode=1777,size=65536k") == 0 else {
            throw RuntimeFailure.last("mount \(paths.shared)")
        }
    }
}

enum Amount {
    /// Of a quantity's text; nil when it is none.
    static func value(_ text: String) -> Int64? { (try? Quantity(parsing: text))?.value }
}
