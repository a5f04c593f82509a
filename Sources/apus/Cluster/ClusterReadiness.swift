import ArgumentParser
import LocalCluster
import NetTypes

/// Waits for each part of a cluster in the order in which they come.
struct ClusterReadiness {
    let cluster: LocalCluster
    let settings: ClusterSettings
    let list: ProgressList

    func wait(_ api: ClusterAPI) async throws {
        try await list.step("API server") {
            try await Patience.wait(.seconds(30), for: "the API server") {
                guard cluster.isKept else { throw ValidationError("the keeper ended; its log says why") }
                return await api.isReady()
            }
        }
        try await list.step("address of DNS") { try await api.applyBase() }
        let nodes = settings.nodes.filter { !$0.isStopped && !$0.isCut }.map(\.number)
        try await list.step("\(nodes.count) nodes ready") {
            try await Patience.wait(.seconds(60), for: "\(nodes.count) ready nodes") {
                try await api.nodes().count { $0.isReady } >= nodes.count
            }
        }
        let probes = ClusterProbes(cluster.layout)
        try await list.step("\(nodes.count) proxies ready") { try await waitForProxies(nodes, probes) }
        try await list.step("DNS answers on every node") { try await waitForNames(nodes, probes) }
    }

    /// The processes that the settings ask for: of an earlier mode there may be one that is ready too.
    private func waitForProxies(_ nodes: [Int], _ probes: ClusterProbes) async throws {
        let proxies = cluster.layout.components(settings).filter { $0.name.hasSuffix("/proxy") }
        for node in nodes {
            let name = "\(ClusterLayout.nodeName(node))/proxy"
            let proxy = proxies.first { $0.name == name }
            try await Patience.wait(.seconds(30), for: "the readiness of \(name) (see 'apus logs \(name)')") {
                try proxy.flatMap { try cluster.layout.runningProcess($0) } != nil && probes.isProxyReady(node)
            }
        }
    }

    private func waitForNames(_ nodes: [Int], _ probes: ClusterProbes) async throws {
        for node in nodes {
            let name = ClusterLayout.nodeName(node)
            let what = "an answer of DNS at \(ClusterLayout.dnsAddress) on \(name) (see 'apus logs dns')"
            try await Patience.wait(.seconds(30), for: what) {
                probes.addresses(of: "kubernetes.default.svc.cluster.local", from: node)?.isEmpty == false
            }
        }
    }
}
