import KubeAPI

/// Whether nodes are well, and what their taints say of it.
public enum NodeLifecycle {
    static let notReady = "node.kubernetes.io/not-ready"
    static let unreachable = "node.kubernetes.io/unreachable"

    /// Taints against new pods, by condition type and status.
    private static let schedulingTaints: [(type: String, status: String, key: String)] = [
        ("Ready", "False", notReady), ("Ready", "Unknown", unreachable),
        ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ]
    private static let unschedulable = "node.kubernetes.io/unschedulable"

    /// What the Ready condition says: `True`, `False` or `Unknown`; nil of a node that has never told.
    public static func readiness(_ node: APIObject) -> String? {
        Conditions.find("Ready", in: node.status)?["status"]?.string
    }

    /// - Parameters:
    ///   - silence: for how long the node has said nothing.
    ///   - mayEvict: whether a taint that evicts pods may be put on now; it is always taken off at once.
    public static func decide(
        _ node: APIObject, silence: Duration, grace: Duration, mayEvict: () -> Bool, now: Int64
    ) -> Decision {
        guard !node.isBeingDeleted else { return Decision() }
        var decision = Decision()
        var node = node
        if silence > grace {
            if let unknown = silenced(node, now) {
                if readiness(node) == "True" {
                    decision.events.append(
                        EventText("NodeNotReady", "Node \(node.name) status is now: NodeNotReady"))
                }
                decision.perform(.patch(.node, node.key, .merge, statusPatch(unknown), subresource: "status"))
                // The taints follow when this has come back.
                return decision
            }
        } else {
            decision.look(after: grace - silence + .milliseconds(100))
        }
        if let taints = taints(node, mayEvict: mayEvict, now: now) {
            node[path: "spec", "taints"] = taints.isEmpty ? nil : .array(taints)
            let list: JSONValue = taints.isEmpty ? .null : .array(taints)
            decision.perform(
                .patch(
                    .node, node.key, .merge,
                    ["metadata": ["resourceVersion": .string(node.resourceVersion)], "spec": ["taints": list]]))
        }
        return decision
    }

    private static func statusPatch(_ node: APIObject) -> JSONValue {
        [
            "metadata": ["resourceVersion": .string(node.resourceVersion)],
            "status": ["conditions": node.status?["conditions"] ?? []],
        ]
    }

    /// With its conditions unknown; nil when they are already.
    private static func silenced(_ node: APIObject, _ now: Int64) -> APIObject? {
        var list = node.status?["conditions"]?.array ?? []
        var isChanged = false
        for type in ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"] {
            guard let index = list.firstIndex(where: { $0["type"]?.string == type }) else {
                list.append([
                    "type": .string(type), "status": "Unknown", "reason": "NodeStatusNeverUpdated",
                    "message": "Kubelet never posted node status.",
                    "lastHeartbeatTime": node.metadata?["creationTimestamp"] ?? Timestamp.text(now),
                    "lastTransitionTime": Timestamp.text(now),
                ])
                isChanged = true
                continue
            }
            guard list[index]["status"]?.string != "Unknown" else { continue }
            list[index][path: "status"] = "Unknown"
            list[index][path: "reason"] = "NodeStatusUnknown"
            list[index][path: "message"] = "Kubelet stopped posting node status."
            list[index][path: "lastTransitionTime"] = Timestamp.text(now)
            isChanged = true
        }
        guard isChanged else { return nil }
        var node = node
        node[path: "status", "conditions"] = .array(list)
        return node
    }

    // MARK: - Taints

    /// nil when they are as they should be.
    private static func taints(_ node: APIObject, mayEvict: () -> Bool, now: Int64) -> [JSONValue]? {
        let current = node.spec?["taints"]?.array ?? []
        var wanted = schedulingTaints.filter { status($0.type, node) == $0.status }.map { ($0.key, "NoSchedule") }
        if node.spec?["unschedulable"]?.bool == true { wanted.append((unschedulable, "NoSchedule")) }
        let ours = Set(schedulingTaints.map(\.key) + [unschedulable])
        if let readiness = readiness(node), readiness != "True" {
            let key = readiness == "False" ? notReady : unreachable
            let hasAny = current.contains { isEvicting($0) }
            // From one to the other is no new eviction.
            if hasAny || mayEvict() { wanted.append((key, "NoExecute")) }
        }
        var taints: [JSONValue] = []
        for taint in current {
            let key = taint["key"]?.string ?? ""
            let effect = taint["effect"]?.string ?? ""
            let isOurs = (effect == "NoSchedule" && ours.contains(key)) || isEvicting(taint)
            if !isOurs || wanted.contains(where: { $0 == (key, effect) }) { taints.append(taint) }
        }
        for (key, effect) in wanted
        where !taints.contains(where: { $0["key"]?.string == key && $0["effect"]?.string == effect }) {
            taints.append(["key": .string(key), "effect": .string(effect), "timeAdded": Timestamp.text(now)])
        }
        return taints == current ? nil : taints
    }

    private static func isEvicting(_ taint: JSONValue) -> Bool {
        taint["effect"]?.string == "NoExecute"
            && [notReady, unreachable].contains(taint["key"]?.string ?? "")
    }

    /// What nobody has told is false: a new node is not ready, and under no pressure.
    private static func status(_ type: String, _ node: APIObject) -> String {
        Conditions.find(type, in: node.status)?["status"]?.string ?? "False"
    }

    /// Whether the node waits for the taint that evicts.
    public static func awaitsEviction(_ node: APIObject) -> Bool {
        ![nil, "True"].contains(readiness(node)) && !(node.spec?["taints"]?.array ?? []).contains { isEvicting($0) }
    }

    /// Pods of a node that says nothing are not ready.
    public static func unready(_ pod: APIObject, now: Int64) -> Write? {
        guard pod.isReadyPod else { return nil }
        var status = pod.status ?? .emptyObject
        Conditions.set(Condition("Ready", false), in: &status, now: now)
        return .patch(
            .pod, pod.key, .merge,
            ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": status["conditions"] ?? []]],
            subresource: "status")
    }
}

/// How fast pods are evicted from the nodes of a zone.
public enum ZoneEviction {
    public struct Policy: Sendable {
        /// Nodes per second.
        public var rate: Double
        public var secondaryRate: Double
        public var largeZoneSize: Int
        public var unhealthyShare: Double

        public init(rate: Double, secondaryRate: Double, largeZoneSize: Int, unhealthyShare: Double) {
            self.rate = rate
            self.secondaryRate = secondaryRate
            self.largeZoneSize = largeZoneSize
            self.unhealthyShare = unhealthyShare
        }
    }

    public enum State: Sendable, Hashable { case normal, partialDisruption, fullDisruption }

    public static func state(ready: Int, notReady: Int, _ policy: Policy) -> State {
        if notReady > 0, ready == 0 { return .fullDisruption }
        let total = ready + notReady
        if notReady > 2, Double(notReady) >= policy.unhealthyShare * Double(total) { return .partialDisruption }
        return .normal
    }

    /// Nodes per second; zero for none.
    ///
    /// - Parameter allZones: the states of all zones: when nothing at all is heard, the fault is likely here.
    public static func rate(_ state: State, size: Int, allZones: some Sequence<State>, _ policy: Policy) -> Double {
        if allZones.allSatisfy({ $0 == .fullDisruption }) { return 0 }
        switch state {
        case .normal, .fullDisruption: return policy.rate
        case .partialDisruption: return size > policy.largeZoneSize ? policy.secondaryRate : 0
        }
    }
}
