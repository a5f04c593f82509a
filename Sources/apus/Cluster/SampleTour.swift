import ArgumentParser
import Lab
import LocalCluster
import Namespaces
import NetTypes

/// Loads the sample and shows how requests are balanced.
struct SampleTour {
    let cluster: LocalCluster
    let list: ProgressList

    func show() async throws {
        try await cluster.withAPI { api in
            try await list.step("sample: Deployment, Service, a client pod") { try await api.applySample() }
            try await list.step("\(SampleObjects.replicas) replicas and the client ready") {
                try await Patience.wait(.seconds(120), for: "the sample's pods") {
                    let pods = try await api.pods().filter { $0.namespace == "default" && $0.isReady }
                    let replicas = pods.count { $0.labels["app"] == SampleObjects.service }
                    return replicas >= SampleObjects.replicas && pods.contains { $0.name == SampleObjects.client }
                }
            }
        }
        let node = AddressPort(ClusterLayout.nodeAddress(1), SampleObjects.nodePort)
        let outside = try NetworkNamespace.named(cluster.layout.controlNamespace)
        try await list.step("every replica answers on the node port") {
            var seen: Set<String> = []
            try await Patience.wait(.seconds(20), for: "an answer of every replica from \(node)") {
                let some = try outside.run { RequestSummary.request(Self.probe(node, .milliseconds(500)), count: 4) }
                seen.formUnion(some.perBackend.keys)
                return seen.count >= SampleObjects.replicas
            }
        }
        try await askDNS()
        let summary = try outside.run { RequestSummary.request(Self.probe(node, .seconds(5)), count: 12) }
        print("\n12 requests from outside to the node port \(node):")
        for line in "\(summary)".split(separator: "\n") { print("  \(line)") }
        guard summary.replies == 12 else {
            throw ValidationError("\(12 - summary.replies) of 12 requests failed; see \(cluster.layout.logs)")
        }
    }

    /// The name by which the client pod asks, looked up where node 1's pods look it up.
    private func askDNS() async throws {
        let name = "\(SampleObjects.service).default.svc.cluster.local"
        let probes = ClusterProbes(cluster.layout)
        let found = try await list.step("DNS has the name of the Service") {
            var found: [IPAddress] = []
            try await Patience.wait(.seconds(20), for: "an address of \(name)") {
                found = probes.addresses(of: name, from: 1) ?? []
                return !found.isEmpty
            }
            return found
        }
        print("\nDNS at \(ClusterLayout.dnsAddress), asked on node-1:")
        print("  \(name)  \(found.map { "\($0)" }.joined(separator: ", "))")
    }

    private static func probe(_ target: AddressPort, _ limit: Duration) -> Probe { Probe(.tcp, target, timeout: limit) }
}
