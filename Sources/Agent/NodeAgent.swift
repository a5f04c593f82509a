import AgentCore
import ContainerRuntime
import ControlLoops
import KubeAPI
import KubeClient
import Logging
import NodeServices
import Synchronization

/// Makes the pods of one node real: those that the API server binds to it, and those of its manifest folder.
public final class NodeAgent: Sendable {
    private static let pods = GroupVersionResource(resource: "pods")

    private let options: AgentOptions
    private let services: AgentServices
    private let machine: MachineFacts
    let addresses: [String]
    private let cluster: ClusterObjects
    private let events: EventRecorder?
    let registry: PodRegistry
    private let informer: Informer?
    private let reporter: NodeReporter?
    private let server: AgentServer?
    private let pressure: PressureWatch
    private let images: ImageCare

    public init(_ options: AgentOptions, services: AgentServices) throws {
        self.options = options
        self.services = services
        try Files.makeFolder(options.dataFolder)
        let thresholds = try EvictionThresholds(options.evictionHard)
        machine = MachineFacts(dataFolder: options.dataFolder, thresholds: thresholds)
        addresses = options.nodeAddresses.isEmpty ? ["127.0.0.1"] : options.nodeAddresses
        cluster = ClusterObjects(client: services.client, logger: services.logger)
        events = services.client.map { EventRecorder(client: $0, component: "kubelet", logger: services.logger) }
        reporter = services.client.map { [machine, addresses, events] in
            NodeReporter(options, services, machine, addresses: addresses, client: $0, events: events)
        }
        let registry = PodRegistry()
        self.registry = registry
        let context = RunnerContext(
            options: options, services: services, cluster: cluster, events: events, machine: machine,
            admission: PodAdmission(sysctls: try SysctlPolicy(unsafe: options.allowedUnsafeSysctls)),
            node: OwnNode(
                object: NodeObject(options: options, machine: machine), reporter: reporter, client: services.client),
            addresses: addresses, probes: ProbeTally(),
            finished: { await registry.remove($0) })
        registry.context = context
        informer = services.client.map {
            Informer(
                Self.pods, client: $0, fieldSelector: "spec.nodeName=\(options.nodeName)", logger: services.logger)
        }
        images = ImageCare(options, services)
        pressure = PressureWatch(
            thresholds: thresholds, context: context, registry: registry,
            reporter: reporter, images: images)
        server =
            options.port == 0
            ? nil
            : try AgentServer(
                options, access: AgentAccess(client: services.client, nodeName: options.nodeName),
                routes: AgentRoutes(options: options, services: services, registry: registry), addresses: addresses,
                logger: services.logger)
    }

    /// It knows which pods this node shall have.
    public var isReady: Bool { informer?.hasSynced ?? registry.manifestsRead.isOpen }

    /// Works until the task is cancelled; pods go on without it.
    public func run() async throws {
        let (changes, changed) = AsyncStream.makeStream(of: Informer.Change.self)
        informer?.addHandler { changed.yield($0) }
        try await registry.takeInventory()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.registry.giveBackNetworks() }
            if let events { group.addTask { await events.run() } }
            if let reporter { group.addTask { await reporter.run() } }
            if let informer {
                group.addTask { await informer.run() }
                group.addTask { await self.cluster.run() }
                group.addTask { await self.follow(changes) }
            }
            group.addTask { await self.pressure.run() }
            group.addTask { await self.images.run() }
            if let server { group.addTask { await server.run() } }
            if let folder = options.manifests { group.addTask { await self.followManifests(folder) } }
            group.addTask { await self.clearOrphans() }
        }
        for runner in await registry.all { await runner.halt() }
    }

    /// The network may be ready now, or no longer: says so in the node's conditions.
    public func networkChanged() async { await reporter?.report() }

    // MARK: - The API server's pods

    private func follow(_ changes: AsyncStream<Informer.Change>) async {
        await cluster.waitUntilSynced()
        for await change in changes {
            let pod = change.object
            guard !StaticPod.isMirror(pod) else {
                await registry.mirrorChanged(change.new, key: pod.key)
                continue
            }
            if let new = change.new {
                await registry.declare(new)
            } else {
                await registry.withdraw(uid: pod.uid)
            }
        }
    }

    // MARK: - Pods of files

    private func followManifests(_ folder: String) async {
        let source = StaticPodSource(folder: folder, node: options.nodeName, logger: services.logger)
        var known: [String: APIObject] = [:]
        while !Task.isCancelled {
            if let pods = await source.changed() {
                let wanted = Dictionary(pods.map { ($0.uid, $0) }) { $1 }
                for uid in known.keys where wanted[uid] == nil { await registry.withdraw(uid: uid) }
                known = wanted
            }
            // One that has just gone, or was another before, is still ending for a while.
            for pod in known.values where await registry.runner(pod.key) == nil { await registry.declare(pod) }
            registry.manifestsRead.open()
            await mirror(Array(known.values))
            try? await Task.sleep(for: .seconds(2))
        }
    }

    /// Shows static pods in the API, and removes mirrors of those that are no more.
    private func mirror(_ pods: [APIObject]) async {
        guard let client = services.client, let informer, informer.hasSynced, let node = await reporter?.node else {
            return
        }
        let wanted = Dictionary(pods.map { ($0.key, $0) }) { $1 }
        for mirrored in informer.objects where StaticPod.isMirror(mirrored) {
            if let pod = wanted[mirrored.key], StaticPod.isCurrent(mirrored, of: pod) { continue }
            _ = try? await client.delete(
                Self.pods, mirrored.key, DeletionOptions(uid: mirrored.uid, gracePeriodSeconds: 0))
        }
        for (key, pod) in wanted where informer[key] == nil {
            do {
                informer.note(
                    try await client.create(
                        Self.pods, StaticPod.mirror(of: pod, nodeUID: node.uid, node: options.nodeName),
                        namespace: key.namespace))
                await registry.repeatStatus(uid: pod.uid)
            } catch {
                services.logger.warning("mirror pod not made", metadata: ["pod": "\(key)", "error": "\(error)"])
            }
        }
    }

    // MARK: - What nobody asks for

    /// Ends what an earlier agent ran for pods that are no more, once it is known which pods there are.
    private func clearOrphans() async {
        if let informer { await informer.waitUntilSynced() }
        if options.manifests != nil { await registry.manifestsRead.wait() }
        // Changes that came with the first picture have been handed on by then.
        while let informer, !Task.isCancelled {
            let missing = informer.objects.filter { !StaticPod.isMirror($0) && !$0.isTerminalPod }
            var isComplete = true
            for pod in missing where await registry.runner(uid: pod.uid) == nil { isComplete = false }
            if isComplete { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        guard !Task.isCancelled else { return }
        await registry.clearOrphans()
    }
}

extension APIObject {
    fileprivate var isTerminalPod: Bool { ["Succeeded", "Failed"].contains(status?["phase"]?.string) }
}
