import KubeAPI
import NetTypes

/// The objects of one simulated node.
public struct SimulatedNode: Sendable {
    public struct Capacity: Sendable {
        public var cpu = "32"
        public var memory = "256Gi"
        public var pods = "110"

        public init() {}
    }

    static let label = "apus.dev/simulated"
    /// On a Node: it sends no heartbeat and its pods stand still.
    static let silence = SimulatedPod.prefix + "silence"

    let name: String
    let index: Int
    /// Where the addresses of its process's nodes begin, in steps of 256 nodes.
    var block = 0
    var zone: String?
    var labels: [String: String] = [:]
    var capacity = Capacity()

    /// The block for names with a prefix: that of the usual one, or one by its hash (FNV-1a), so that the nodes of two
    /// processes hardly share addresses.
    static func block(ofPrefix prefix: String) -> Int {
        guard prefix != usualPrefix else { return 0 }
        let hash = prefix.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return 1 + Int(hash % 127)
    }

    static let usualPrefix = "sim-"

    private var number: Int { block * 256 + index }

    /// Such as 172.16.0.7.
    var address: String { "172.\(16 + number >> 16 & 15).\(number >> 8 & 255).\(number & 255)" }

    /// Where its pods have their addresses from: what the cluster gave the Node, or a range by its number.
    func podRanges(_ node: APIObject?) -> [CIDR] {
        let given = node?.spec?["podCIDRs"]?.array ?? []
        let own = "10.\(128 + number >> 8 & 127).\(number & 255).0/24"
        return (given.isEmpty ? [own] : given.compactMap(\.string)).compactMap { CIDR($0) }
    }

    /// - Parameter now: seconds since 1970.
    func json(now: Double) -> JSONValue {
        var labels: JSONValue = [
            "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            Self.label: "true",
        ]
        if let zone { labels[path: "topology.kubernetes.io/zone"] = .string(zone) }
        for (key, value) in self.labels { labels[path: key] = .string(value) }
        return [
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": .string(name), "labels": labels],
            "status": status(now: now),
        ]
    }

    /// - Parameter now: seconds since 1970.
    func status(now: Double) -> JSONValue {
        let amounts: JSONValue = [
            "cpu": .string(capacity.cpu), "memory": .string(capacity.memory), "pods": .string(capacity.pods),
            "ephemeral-storage": "100Gi",
        ]
        let time = SimulatedPod.time(now)
        func condition(_ type: String, _ status: String, _ reason: String, _ message: String) -> JSONValue {
            [
                "type": .string(type), "status": .string(status), "reason": .string(reason),
                "message": .string(message), "lastHeartbeatTime": time, "lastTransitionTime": time,
            ]
        }
        return [
            "capacity": amounts, "allocatable": amounts,
            "addresses": [
                ["type": "InternalIP", "address": .string(address)], ["type": "Hostname", "address": .string(name)],
            ],
            "conditions": [
                condition(
                    "MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "nodeInfo": [
                "machineID": .string(name), "systemUUID": .string(name), "bootID": .string(name),
                "kernelVersion": "simulated", "osImage": "simulated", "containerRuntimeVersion": "simulated://1",
                "kubeletVersion": "v1.36.0", "kubeProxyVersion": "", "operatingSystem": "linux",
                "architecture": "amd64",
            ],
        ]
    }

    /// - Parameter now: nanoseconds since 1970.
    func lease(now: Int64, owner uid: String) -> JSONValue {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(name), "namespace": "kube-node-lease",
                "ownerReferences": [
                    ["apiVersion": "v1", "kind": "Node", "name": .string(name), "uid": .string(uid)]
                ],
            ],
            "spec": [
                "holderIdentity": .string(name), "leaseDurationSeconds": 40,
                "renewTime": .string(RFC3339.text(nanoseconds: now)),
            ],
        ]
    }
}
