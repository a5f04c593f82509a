import ArgumentParser
import Glibc
import Images
import LocalCluster
import Threads

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a cluster on this machine.",
        discussion: """
            The control plane and each node run in network namespaces of their own; the machine's own network is not
            touched, but for a port on 127.0.0.1 for kubectl. The cluster goes on when this command ends. Started again in
            the same folder it has its objects and volumes.

            Examples:
              apus up
              apus up --nodes 5 --proxy-mode ipvs --data-dir ./cluster
              KUBECONFIG=/var/lib/apus/cluster/kubeconfig kubectl get nodes
            """)

    @OptionGroup var flags: ClusterFlags
    @Option(help: "How many nodes a new cluster has; 3 by default.") var nodes: Int?
    @Option(help: "How nodes balance: nftables, iptables, ipvs, userspace or auto; nftables by default.")
    var proxyMode: String?
    @Option(help: "The port for kubectl on 127.0.0.1; 6443 by default.") var port: UInt16?
    @Flag(help: "Load a sample and show balanced replies.") var sample = false

    func validate() throws {
        if let nodes, !(1...ClusterLayout.mostNodes).contains(nodes) {
            throw ValidationError("--nodes \(nodes): give a number from 1 to \(ClusterLayout.mostNodes)")
        }
    }

    func run() async throws {
        let cluster = try flags.cluster("up")
        let list = ProgressList()
        if cluster.isUp {
            print("The cluster in \(cluster.layout.dataDirectory) runs already; 'apus status' shows it.")
        } else {
            print("Starting a cluster in \(cluster.layout.dataDirectory)")
            try await start(cluster, list)
        }
        if sample { try await SampleTour(cluster: cluster, list: list).show() }
        print(WhatNext.text(cluster.layout, hasSample: sample, total: list.total))
    }

    private func settings(_ cluster: LocalCluster) throws -> ClusterSettings {
        guard var settings = try ClusterSettings.read(cluster.layout) else {
            return ClusterSettings(
                nodes: nodes ?? 3, proxyMode: proxyMode ?? "nftables", port: port ?? ClusterLayout.apiPort)
        }
        if let proxyMode { settings.proxyMode = proxyMode }
        if let port { settings.port = port }
        while let nodes, settings.nodes.count < nodes { _ = try settings.addNode() }
        return settings
    }

    private func start(_ cluster: LocalCluster, _ list: ProgressList) async throws {
        let settings = try settings(cluster)
        // What a crash may have left: it would keep addresses and mounts.
        _ = try Teardown(cluster.layout).endAll()
        try PortCheck.isFree(settings.port)
        try await list.step("namespaces and certificates") {
            try cluster.prepare(settings, now: Clock.seconds())
        }
        let images = cluster.layout.images
        try await list.step("image apus/lab") {
            _ = try await OwnThread.wait { try LabImageFile.build(in: ImageStore(directory: images)) }
        }
        try cluster.startKeeper(environment: Environment.all["PATH"].map { ["PATH=\($0)"] } ?? [])
        do {
            try await cluster.withAPI { api in try await waitUntilReady(cluster, api, settings, list) }
        } catch {
            print("Logs are in \(cluster.layout.logs); 'apus down' removes what was started.")
            throw error
        }
    }

    private func waitUntilReady(
        _ cluster: LocalCluster, _ api: ClusterAPI, _ settings: ClusterSettings, _ list: ProgressList
    ) async throws {
        try await list.step("API server") {
            try await Patience.wait(.seconds(30), for: "the API server") {
                guard cluster.isUp else { throw ValidationError("the keeper ended; its log says why") }
                return await api.isReady()
            }
        }
        try await list.step("address of DNS") { try await api.applyBase() }
        let wanted = settings.nodes.filter { !$0.isStopped && !$0.isCut }.count
        try await list.step("\(wanted) nodes ready") {
            try await Patience.wait(.seconds(60), for: "\(wanted) ready nodes") {
                try await api.nodes().count { $0.isReady } >= wanted
            }
        }
    }
}

/// Whether kubectl's port can be had.
enum PortCheck {
    static func isFree(_ port: UInt16) throws {
        do {
            _ = try HostDoor(port: port)
        } catch {
            throw ValidationError("port \(port) on 127.0.0.1 is taken; choose another with --port")
        }
    }
}

enum WhatNext {
    static func text(_ layout: ClusterLayout, hasSample: Bool, total: String) -> String {
        let program = layout.program
        let requests =
            hasSample
            ? "\n  ip netns exec \(layout.controlNamespace) curl -s http://\(ClusterLayout.nodeAddress(1)):\(SampleObjects.nodePort)/      a request from outside\n  kubectl exec client -- wget -qO- http://echo/               one from a pod, by name"
            : ""
        return """

            The cluster is up after \(total). Try:
              export KUBECONFIG=\(layout.kubeconfig)
              kubectl get nodes,pods,services -A -o wide\(requests)
              \(program) status                       everything at a glance
              \(program) node stop 2                  take a node's power
              \(program) logs node-1/proxy            what a part says
            End it with: \(program) down   (its objects stay in \(layout.dataDirectory))
            """
    }
}
