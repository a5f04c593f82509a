import ControlLoops
import KubeAPI
import KubeClient
import Logging
import Synchronization

/// N nodes in one process, without containers: they register, send heartbeats, and let their pods live as annotations
/// say. A change costs what it changes.
public final class NodeSimulation: Sendable {
    public struct Options: Sendable {
        public var count = 1
        public var namePrefix = SimulatedNode.usualPrefix
        /// Nodes are spread over these.
        public var zones: [String] = []
        public var labels: [String: String] = [:]
        public var capacity = SimulatedNode.Capacity()

        public init() {}
    }

    private static let nodes = GroupVersionResource.nodes
    private static let pods = GroupVersionResource(resource: "pods")
    private static let leases = GroupVersionResource(group: "coordination.k8s.io", resource: "leases")
    private static let heartbeat = 10

    private let client: KubeClient
    private let logger: Logger
    private let nodes: [String: SimulatedNode]
    private let order: [SimulatedNode]
    private let nodeInformer: Informer
    private let podInformer: Informer
    private let queue: WorkLoop<NamespacedName>
    private let addresses = Mutex(PodAddresses())

    public init(_ options: Options, client: KubeClient, logger: Logger) {
        self.client = client
        self.logger = logger
        let zones = options.zones
        let block = SimulatedNode.block(ofPrefix: options.namePrefix)
        order = (0..<max(0, options.count)).map { index in
            SimulatedNode(
                name: "\(options.namePrefix)\(index)", index: index, block: block,
                zone: zones.isEmpty ? nil : zones[index % zones.count], labels: options.labels,
                capacity: options.capacity)
        }
        nodes = Dictionary(uniqueKeysWithValues: order.map { ($0.name, $0) })
        nodeInformer = Informer(
            Self.nodes, client: client, labelSelector: "\(SimulatedNode.label)=true", logger: logger)
        podInformer = Informer(
            Self.pods, client: client, fieldSelector: "spec.nodeName!=",
            indexes: ["node": { [$0.spec?["nodeName"]?.string ?? ""] }], logger: logger)
        queue = WorkLoop("pods", policy: .init(limit: .seconds(10), rate: 0), logger: logger)
    }

    /// Works until the task is cancelled.
    public func run() async {
        podInformer.addHandler { [weak self] in self?.changed($0) }
        nodeInformer.addHandler { [weak self] change in
            // A node that speaks again takes up its pods.
            guard let self, change.old != nil, let node = change.new, !Self.isSilent(node) else { return }
            for pod in podInformer.objects("node", node.name) { queue.add(pod.key) }
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.nodeInformer.run() }
            group.addTask { await self.podInformer.run() }
            group.addTask {
                await self.register()
                self.logger.info("\(self.order.count) simulated nodes are ready")
                await self.podInformer.waitUntilSynced()
                await withDiscardingTaskGroup { group in
                    group.addTask { await self.sendHeartbeats() }
                    group.addTask { await self.queue.run(workers: 32) { try await self.work($0) } }
                }
            }
        }
    }

    private static func isSilent(_ node: APIObject) -> Bool { node.annotation(SimulatedNode.silence) == "true" }

    private func isSilent(_ name: String) -> Bool {
        nodeInformer[NamespacedName(namespace: "", name: name)].map(Self.isSilent) ?? false
    }

    // MARK: - Pods

    private func changed(_ change: Informer.Change) {
        let pod = change.object
        guard let node = pod.spec?["nodeName"]?.string, nodes[node] != nil else { return }
        let isGone = change.new == nil
        addresses.withLock { addresses in
            if isGone || SimulatedPod.hasEnded(pod) {
                addresses.release(pod.uid)
            } else {
                addresses.note(pod.status?["podIPs"]?.array?.compactMap { $0["ip"]?.string } ?? [], of: pod.uid)
            }
        }
        if !isGone { queue.add(pod.key) }
    }

    private func work(_ key: NamespacedName) async throws -> Duration? {
        guard let pod = podInformer[key], let name = pod.spec?["nodeName"]?.string, let node = nodes[name],
            !isSilent(name)
        else { return nil }
        guard !SimulatedPod.hasEnded(pod) || pod.isBeingDeleted else { return nil }
        let addresses = pod.isBeingDeleted ? [] : addresses(of: pod, on: node)
        // It waits until another pod has gone.
        guard pod.isBeingDeleted || !addresses.isEmpty else { return .seconds(1) }
        let now = Double(WallClock.now()) / 1e9
        let simulated = SimulatedPod(pod, addresses: addresses, nodeAddress: node.address, now: now)
        let step = simulated.next
        if case .wait(let seconds) = step { return .seconds(seconds) }
        do {
            try await perform(step, pod)
        } catch {
            // It is gone, or another has its name; its event comes.
            guard error.isNotFound || error.isConflict else { throw error }
        }
        return nil
    }

    private func addresses(of pod: APIObject, on node: SimulatedNode) -> [String] {
        let ranges = node.podRanges(nodeInformer[NamespacedName(namespace: "", name: node.name)])
        return addresses.withLock { $0.addresses(of: pod.uid, in: ranges) }.map(\.description)
    }

    private func perform(_ step: SimulatedPod.Step, _ pod: APIObject) async throws(ClientError) {
        switch step {
        case .nothing, .wait: return
        case .report(let status):
            let body: JSONValue = ["metadata": ["uid": .string(pod.uid)], "status": status]
            podInformer.note(try await client.patch(Self.pods, pod.key, .merge, body, subresource: "status"))
            queue.add(pod.key)
        case .remove:
            try await client.delete(Self.pods, pod.key, DeletionOptions(uid: pod.uid, gracePeriodSeconds: 0))
        }
    }

    // MARK: - Nodes

    private func register() async {
        await each(order) { node in
            while !Task.isCancelled {
                do throws(ClientError) {
                    return try await self.register(node)
                } catch {
                    self.logger.warning("node not registered", metadata: ["node": "\(node.name)", "error": "\(error)"])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private func register(_ node: SimulatedNode) async throws(ClientError) {
        let key = NamespacedName(namespace: "", name: node.name)
        let now = WallClock.now()
        var uid = ""
        do {
            uid = try await client.create(Self.nodes, node.json(now: Double(now) / 1e9)).uid
        } catch  where error.isAlreadyExists {
            uid = try await client.get(Self.nodes, key).uid
            let status = node.status(now: Double(now) / 1e9)
            try await client.patch(Self.nodes, key, .merge, ["status": status], subresource: "status")
        }
        do {
            try await client.create(Self.leases, node.lease(now: now, owner: uid), namespace: "kube-node-lease")
        } catch  where error.isAlreadyExists {
            await beat(node)
        }
    }

    /// Each node once in ten seconds, a tenth of them at a time.
    private func sendHeartbeats() async {
        var tick = 0
        while !Task.isCancelled {
            let due = order.filter { $0.index % Self.heartbeat == tick % Self.heartbeat && !isSilent($0.name) }
            await each(due) { await self.beat($0) }
            tick += 1
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func beat(_ node: SimulatedNode) async {
        let key = NamespacedName(namespace: "kube-node-lease", name: node.name)
        let now = JSONValue.string(RFC3339.text(nanoseconds: WallClock.now()))
        do throws(ClientError) {
            try await client.patch(Self.leases, key, .merge, ["spec": ["renewTime": now]])
            try await recover(node)
        } catch {
            logger.debug("no heartbeat", metadata: ["node": "\(node.name)", "error": "\(error)"])
        }
    }

    /// A node that was given up while it was silent says that it is ready again.
    private func recover(_ node: SimulatedNode) async throws(ClientError) {
        let key = NamespacedName(namespace: "", name: node.name)
        let ready = nodeInformer[key]?.status?["conditions"]?.array?.first { $0["type"]?.string == "Ready" }
        guard let ready, ready["status"]?.string != "True" else { return }
        let status = node.status(now: Double(WallClock.now()) / 1e9)
        try await client.patch(Self.nodes, key, .merge, ["status": status], subresource: "status")
    }

    /// At most 32 at a time.
    private func each(_ nodes: [SimulatedNode], _ body: @escaping @Sendable (SimulatedNode) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, node) in nodes.enumerated() {
                if index >= 32 { await group.next() }
                group.addTask { await body(node) }
            }
        }
    }
}
