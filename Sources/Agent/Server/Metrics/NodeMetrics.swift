import ContainerRuntime
import Glibc
import KubeAPI

/// What Prometheus and metrics-server read of a node. Names are kubelet's and cAdvisor's.
struct NodeMetrics: Sendable {
    private let registry: PodRegistry
    private let options: AgentOptions
    private let machine: MachineFacts?
    private let samples: [NodeStats.Sample]
    private let sandboxes: [SandboxRecord]

    init(_ routes: AgentRoutes) async {
        registry = routes.registry
        options = routes.options
        machine = routes.registry.context?.machine
        samples = await NodeStats(routes).samples()
        sandboxes = (try? await routes.services.runtime.inventory().sandboxes.filter(\.isRunning)) ?? []
    }

    private static func labels(_ sample: NodeStats.Sample) -> [(name: String, value: String)] {
        let labels = sample.record.labels
        return [
            ("container", labels[ContainerLabels.container] ?? ""),
            ("namespace", labels[ContainerLabels.namespace] ?? ""), ("pod", labels[ContainerLabels.name] ?? ""),
        ]
    }

    private func perContainer(
        _ more: (NodeStats.Sample) -> [(name: String, value: String)] = { _ in [] },
        _ value: (NodeStats.Sample) -> Double
    ) -> [MetricsText.Sample] {
        samples.map { MetricsText.Sample(labels: Self.labels($0) + more($0), value: value($0)) }
    }

    private func perPod(_ value: (NodeStats.Sample) -> Double) -> [MetricsText.Sample] {
        Dictionary(grouping: samples) { $0.record.labels[ContainerLabels.uid] ?? "" }.sorted { $0.key < $1.key }
            .compactMap { _, group in
                group.first.map { first in
                    MetricsText.Sample(
                        labels: Array(Self.labels(first).dropFirst()), value: group.reduce(0) { $0 + value($1) })
                }
            }
    }

    private static func seconds(_ sample: NodeStats.Sample) -> Double { Double(sample.stats.cpuNanoseconds) / 1e9 }
    private static func workingSet(_ sample: NodeStats.Sample) -> Double { Double(sample.stats.memoryWorkingSet) }
    private static func start(_ sample: NodeStats.Sample) -> Double { Double(sample.record.startedAt) / 1e9 }

    // MARK: - /metrics/resource (pkg/kubelet/metrics/collectors/resource_metrics.go)

    var resource: String {
        var text = MetricsText()
        text.add(
            "node_cpu_usage_seconds_total", .counter, "Cumulative cpu time consumed by the node in core-seconds",
            Double(NodeStats.nodeTime()) / 1e9)
        text.add(
            "node_memory_working_set_bytes", .gauge, "Current working set of the node in bytes",
            Double(NodeStats.nodeMemory()))
        text.add(
            "container_cpu_usage_seconds_total", .counter,
            "Cumulative cpu time consumed by the container in core-seconds", perContainer { Self.seconds($0) })
        text.add(
            "container_memory_working_set_bytes", .gauge, "Current working set of the container in bytes",
            perContainer { Self.workingSet($0) })
        text.add(
            "container_start_time_seconds", .gauge, "Start time of the container since unix epoch in seconds",
            perContainer { Self.start($0) })
        text.add(
            "pod_cpu_usage_seconds_total", .counter, "Cumulative cpu time consumed by the pod in core-seconds",
            perPod { Self.seconds($0) })
        text.add(
            "pod_memory_working_set_bytes", .gauge, "Current working set of the pod in bytes",
            perPod { Self.workingSet($0) })
        text.add(
            "resource_scrape_error", .gauge, "1 if there was an error while getting container metrics, 0 otherwise", 0)
        return text.text
    }

    // MARK: - /metrics/cadvisor

    var cadvisor: String {
        func origin(_ sample: NodeStats.Sample) -> [(name: String, value: String)] {
            [
                ("id", "\(sample.record.cgroup)"), ("image", sample.record.labels[ContainerLabels.imageID] ?? ""),
                ("name", sample.record.id),
            ]
        }
        var text = MetricsText()
        text.add(
            "container_cpu_usage_seconds_total", .counter, "Cumulative cpu time consumed in seconds.",
            perContainer(origin) { Self.seconds($0) })
        text.add(
            "container_memory_working_set_bytes", .gauge, "Current working set in bytes.",
            perContainer(origin) { Self.workingSet($0) })
        text.add(
            "container_memory_usage_bytes", .gauge, "Current memory usage in bytes, including all memory.",
            perContainer(origin) { Double($0.stats.memoryUsage) })
        text.add(
            "container_processes", .gauge, "Number of processes running inside the container.",
            perContainer(origin) { Double($0.stats.processes) })
        text.add(
            "container_start_time_seconds", .gauge, "Start time of the container since unix epoch in seconds.",
            perContainer(origin) { Self.start($0) })
        let traffic = sandboxes.sorted { $0.id < $1.id }.flatMap(InterfaceCounters.of)
        let counters: [(String, String, KeyPath<InterfaceCounters, Double>)] = [
            ("container_network_receive_bytes_total", "Cumulative count of bytes received", \.receivedBytes),
            ("container_network_receive_packets_total", "Cumulative count of packets received", \.receivedPackets),
            ("container_network_transmit_bytes_total", "Cumulative count of bytes transmitted", \.sentBytes),
            ("container_network_transmit_packets_total", "Cumulative count of packets transmitted", \.sentPackets),
        ]
        for (name, help, value) in counters {
            text.add(name, .counter, help, traffic.map { .init(labels: Self.labels($0), value: $0[keyPath: value]) })
        }
        text.add(
            "machine_cpu_cores", .gauge, "Number of logical CPU cores.", Double(machine?.processors ?? 0))
        text.add(
            "machine_memory_bytes", .gauge, "Amount of memory installed on the machine.", Double(machine?.memory ?? 0))
        return text.text
    }

    private static func labels(_ traffic: InterfaceCounters) -> [(name: String, value: String)] {
        let labels = traffic.sandbox.labels
        return [
            ("interface", traffic.name), ("namespace", labels[ContainerLabels.namespace] ?? ""),
            ("pod", labels[ContainerLabels.name] ?? ""),
        ]
    }

    // MARK: - /metrics

    func own() async -> String {
        var text = MetricsText()
        var pods = 0
        for runner in await registry.all where await runner.sandboxID != nil { pods += 1 }
        text.add("kubelet_running_pods", .gauge, "Number of pods that have a running pod sandbox", Double(pods))
        text.add(
            "kubelet_running_containers", .gauge, "Number of containers currently running",
            [.init(labels: [("container_state", "running")], value: Double(samples.count))])
        text.add(
            "kubelet_node_name", .gauge, "The node's name. The count is always 1.",
            [
                .init(labels: [("node", options.nodeName)], value: 1)
            ])
        let status = Files.number("/proc/self/status", after: "VmRSS:") ?? 0
        text.add("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", Double(status) * 1024)
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let times = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }
        text.add(
            "process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.",
            times.reduce(0, +))
        text.add(
            "process_open_fds", .gauge, "Number of open file descriptors.",
            Double(Files.names(in: "/proc/self/fd").count))
        return text.text
    }
}
