import CNI
import Glibc
import KubeAPI
import KubeClient
import Logging
import NetTypes
import PodNetwork
import Threads

/// Our own pod network on a node: puts the plugin and its configuration in place, the latter when the node's pod CIDRs are
/// known, and has the routes to other nodes' pods kept.
struct NodeNetwork {
    let flags: NodeNetworkFlags
    let nodeName: String
    /// Its Node tells the pod CIDRs; nil for a node without an API server.
    let client: KubeClient?
    /// May list all nodes.
    let peers: KubeClient?
    let logger: Logger

    /// Puts the plugin in place, and the configuration of a node without an API server.
    func prepare() async throws {
        let (program, folder) = (LabPlace.program, flags.ownPlugins)
        try await OwnThread.wait { try PodNetworkConfig.install(program: program, inDirectory: folder) }
        if client == nil { try await write(flags.podCIDRs) }
    }

    /// Works until the task is cancelled.
    /// - Parameter changed: called when the network has another configuration.
    func run(changed: @escaping @Sendable () async -> Void) async {
        await withDiscardingTaskGroup { group in
            if let client { group.addTask { await follow(client, changed) } }
            if let peers {
                group.addTask { await NodeRouteFeed(nodeName: nodeName, client: peers, logger: logger).run() }
            }
        }
    }

    /// The node's own object, from which its pod CIDRs come once they are allocated.
    private func follow(_ client: KubeClient, _ changed: @escaping @Sendable () async -> Void) async {
        var selection = ResourceSelection(.nodes)
        selection.fieldSelector = "metadata.name=\(nodeName)"
        let reflector = Reflector<Node>(client: client, selection: selection, logger: logger) { event in
            guard case .upsert(let node) = event, !node.podCIDRs.isEmpty else { return }
            do {
                if try await write(node.podCIDRs) { await changed() }
            } catch {
                logger.error("the pod network's configuration is not written", metadata: ["error": "\(error)"])
            }
        }
        await reflector.run()
    }

    /// True when the configuration is another than before.
    @discardableResult
    private func write(_ podCIDRs: [CIDR]) async throws -> Bool {
        guard !podCIDRs.isEmpty else { return false }
        let folders = flags.runnerOptions(environment: [:]).pluginDirectories
        let hasPortMappings = folders.contains { access("\($0)/portmap", X_OK) == 0 }
        let config = PodNetworkConfig(
            podCIDRs: podCIDRs, hasPortMappings: hasPortMappings, dataDirectory: flags.leases)
        let folder = flags.cniConfDir
        guard try await OwnThread.wait({ try config.write(toDirectory: folder) }) else { return false }
        let ranges = podCIDRs.map(\.description).joined(separator: ",")
        logger.info("the pod network is configured", metadata: ["ranges": "\(ranges)", "folder": "\(folder)"])
        if !hasPortMappings {
            logger.warning(
                "there is no plugin portmap, so hostPorts lead nowhere: install containernetworking-plugins",
                metadata: ["folders": "\(folders.joined(separator: ","))"])
        }
        if let first = try? NetworkDirectory.load(folder), first.name != PodNetworkConfig.networkName {
            logger.warning(
                "another network comes first by its file's name, and is the node's",
                metadata: ["network": "\(first.name)", "folder": "\(folder)"])
        }
        return true
    }
}
