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
    ///   - isStopped: whether nothing is heard of any node, so that none is given up.
    ///   - mayEvict: whether a taint that evicts pods may be put on now; it is always taken off at once.
    public static func decide(
        _ node: APIObject, silence: Duration, grace: Duration, isStopped: Bool = false, mayEvict: () -> Bool,
        now: Int64
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
        if let taints = taints(node, mayEvict: { !isStopped && ($0 || mayEvict()) }, now: now) {
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
    ///
    /// - Parameter mayEvict: given whether the node's pods are being evicted already: from one reason to the other is no
    ///   new eviction.
    private static func taints(_ node: APIObject, mayEvict: (Bool) -> Bool, now: Int64) -> [JSONValue]? {
        let current = node.spec?["taints"]?.array ?? []
        var wanted = schedulingTaints.filter { status($0.type, node) == $0.status }.map { ($0.key, "NoSchedule") }
        if node.spec?["unschedulable"]?.bool == true { wanted.append((unschedulable, "NoSchedule")) }
        let ours = Set(schedulingTaints.map(\.key) + [unschedulable])
        if let readiness = readiness(node), readiness != "True" {
            let key = readiness == "False" ? notReady : unreachable
            if mayEvict(current.contains { isEvicting($0) }) { wanted.append((key, "NoExecute")) }
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
    public static func unready(_ pod: APIObject, now: Int64) -> Action? {
        guard pod.isReadyPod else { return nil }
        var status = pod.status ?? .emptyObject
        Conditions.set(Condition("Ready", false), in: &status, now: now)
        return Action(
            .patch(
                .pod, pod.key, .merge,
                ["metadata": ["uid": .string(pod.uid)], "status": ["conditions": status["conditions"] ?? []]],
                subresource: "status"),
            success: EventText(.warning, "NodeNotReady", "Node is not ready"))
    }

    /// What is told of a node that comes or goes.
    public static func event(_ node: APIObject, isThere: Bool) -> EventText {
        isThere
            ? EventText("RegisteredNode", "Node \(node.name) event: Registered Node \(node.name) in Controller")
            : EventText("RemovingNode", "Node \(node.name) event: Removing Node \(node.name) from Controller")
    }
}
