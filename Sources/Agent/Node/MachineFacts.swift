import AgentCore
import ContainerRuntime
import Glibc
import KubeSchema

/// What is to be known of the machine, read once.
struct MachineFacts: Sendable {
    let processors: Int64
    /// Bytes.
    let memory: Int64
    /// Bytes of the file system that holds the agent's data.
    let disk: Int64
    let kernel: String
    let architecture: String
    let system: String
    let machineID: String
    let bootID: String
    private let thresholds: EvictionThresholds

    init(dataFolder: String, thresholds: EvictionThresholds) {
        self.thresholds = thresholds
        processors = max(1, Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        memory = (Files.number("/proc/meminfo", after: "MemTotal:") ?? 0) * 1024
        var status = statvfs()
        disk = statvfs(dataFolder, &status) == 0 ? Int64(status.f_blocks) * Int64(status.f_frsize) : 0
        var names = utsname()
        uname(&names)
        kernel = Self.text(&names.release)
        architecture = ["x86_64": "amd64", "aarch64": "arm64"][Self.text(&names.machine)] ?? "amd64"
        let release = Files.read("/etc/os-release") ?? ""
        let line = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        system = line.map { $0.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } } ?? "Linux"
        bootID = Files.line("/proc/sys/kernel/random/boot_id")
        let id = Files.line("/etc/machine-id")
        machineID = id.isEmpty ? bootID.filter { $0 != "-" } : id
    }

    private static func text(_ field: inout some Any) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Capacity by resource.
    func capacity(pods: Int) -> [String: Quantity] { amounts(memory: memory, disk: disk, pods: pods) }

    /// What of it pods may have: all but what must be left for none of them to be evicted.
    func allocatable(pods: Int) -> [String: Quantity] {
        amounts(
            memory: max(0, memory - thresholds.least(.memory, of: memory)),
            disk: max(0, disk - thresholds.least(.disk, of: disk)), pods: pods)
    }

    private func amounts(memory: Int64, disk: Int64, pods: Int) -> [String: Quantity] {
        [
            "cpu": Quantity(processors), "memory": Quantity(memory / 1024 * 1024, .binary),
            "ephemeral-storage": Quantity(disk / 1024 * 1024, .binary), "pods": Quantity(Int64(pods)),
        ]
    }
}
