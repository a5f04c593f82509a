import ArgumentParser
import Glibc
import Images
import LocalCluster
import NodeProxy
import Threads

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a cluster on this machine.",
        discussion: """
            The control plane and each node run in network namespaces of their own; the machine's own network is not
            touched, but for a port on 127.0.0.1 for kubectl. The cluster goes on when this command ends. Started again in
            the same folder it has its objects and volumes. A cluster that runs goes on: it gets more nodes or another
            mode if they are asked for, and its keeper if that has ended.

            Examples:
              apus up
              apus up --nodes 5 --proxy-mode ipvs --data-dir ./cluster
              KUBECONFIG=/var/lib/apus/cluster/kubeconfig kubectl get nodes
            """)

    @OptionGroup var flags: ClusterFlags
    @Option(help: "How many nodes a new cluster has; 3 by default.") var nodes: Int?
    @Option(help: "How nodes balance: \(Self.modes); nftables by default.")
    var proxyMode: String?
    @Option(help: "The port for kubectl on 127.0.0.1; 6443 by default.") var port: UInt16?
    @Flag(help: "Load a sample and show balanced replies.") var sample = false

    private static let modes = ProxyMode.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        if let proxyMode, ProxyMode(rawValue: proxyMode) == nil {
            throw ValidationError("--proxy-mode \(proxyMode): choose one of \(Self.modes)")
        }
        if let nodes, !(1...ClusterLayout.mostNodes).contains(nodes) {
            throw ValidationError("--nodes \(nodes): give a number from 1 to \(ClusterLayout.mostNodes)")
        }
    }

    func run() async throws {
        let cluster = try flags.cluster("up")
        let list = ProgressList()
        if try cluster.isRunning() {
            print("The cluster in \(cluster.layout.dataDirectory) runs already")
            try await goOn(cluster, list)
        } else {
            print("Starting a cluster in \(cluster.layout.dataDirectory)")
            try await start(cluster, list)
        }
        if sample { try await SampleTour(cluster: cluster, list: list).show() }
        print(WhatNext.text(cluster.layout, hasSample: sample, total: list.total))
    }

    private var wish: ClusterWish { ClusterWish(nodes: nodes, proxyMode: proxyMode, port: port) }

    private func goOn(_ cluster: LocalCluster, _ list: ProgressList) async throws {
        let settings = try cluster.adapt(to: wish, now: Clock.seconds())
        if !cluster.isKept { try await list.step("keeper") { try startKeeper(cluster) } }
        try await waitUntilReady(cluster, settings, list)
    }

    private func startKeeper(_ cluster: LocalCluster) throws {
        try cluster.startKeeper(environment: Environment.all["PATH"].map { ["PATH=\($0)"] } ?? [])
    }

    private func start(_ cluster: LocalCluster, _ list: ProgressList) async throws {
        let known = try ClusterSettings.read(cluster.layout)
        let settings = try known.map { try wish.applied(to: $0, isRunning: false) } ?? wish.settings
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
        try startKeeper(cluster)
        try await waitUntilReady(cluster, settings, list)
    }

    private func waitUntilReady(
        _ cluster: LocalCluster, _ settings: ClusterSettings, _ list: ProgressList
    ) async throws {
        let readiness = ClusterReadiness(cluster: cluster, settings: settings, list: list)
        do {
            try await cluster.withAPI { try await readiness.wait($0) }
        } catch {
            print("Logs are in \(cluster.layout.logs); 'apus down' removes what was started.")
            throw error
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
        let (program, name) = (layout.program, layout.name == "apus" ? "" : " --name \(layout.name)")
        let requests =
            hasSample
            ? "\n  ip netns exec \(layout.controlNamespace) curl -s http://\(ClusterLayout.nodeAddress(1)):\(SampleObjects.nodePort)/      a request from outside\n  kubectl exec client -- wget -qO- http://echo/               one from a pod, by name"
            : ""
        return """

            The cluster is up after \(total). Try:
              export KUBECONFIG=\(layout.kubeconfig)
              kubectl get nodes,pods,services -A -o wide\(requests)
              \(program) status\(name)                       everything at a glance
              \(program) node stop 2\(name)                  take a node's power
              \(program) logs node-1/proxy\(name)            what a part says
            End it with: \(program) down\(name)   (its objects stay in \(layout.dataDirectory))
            """
    }
}
