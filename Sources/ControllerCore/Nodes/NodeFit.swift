import KubeAPI
import KubeSchema

/// Whether pods of a DaemonSet belong on a node.
struct NodeFit {
    struct Verdict: Hashable {
        /// A new pod goes there.
        var shouldRun: Bool
        /// One that is there stays.
        var shouldContinue: Bool
    }

    /// What every daemon tolerates.
    private static let daemonTolerations: [JSONValue] = [
        toleration("node.kubernetes.io/not-ready", "NoExecute"),
        toleration("node.kubernetes.io/unreachable", "NoExecute"),
        toleration("node.kubernetes.io/disk-pressure", "NoSchedule"),
        toleration("node.kubernetes.io/memory-pressure", "NoSchedule"),
        toleration("node.kubernetes.io/pid-pressure", "NoSchedule"),
        toleration("node.kubernetes.io/unschedulable", "NoSchedule"),
    ]

    private static func toleration(_ key: String, _ effect: String) -> JSONValue {
        ["key": .string(key), "operator": "Exists", "effect": .string(effect)]
    }

    private static func tolerations(_ podSpec: JSONValue?) -> [JSONValue] {
        let own = podSpec?["tolerations"]?.array ?? []
        var all = own + daemonTolerations.filter { !own.contains($0) }
        if podSpec?["hostNetwork"]?.bool == true {
            all.append(toleration("node.kubernetes.io/network-unavailable", "NoSchedule"))
        }
        return all
    }

    private let name: String
    /// nil for one that cannot be read: no node is meant.
    private let selection: NodeSelection?
    private let tolerations: [Toleration]

    init(_ podSpec: JSONValue?) {
        name = podSpec?["nodeName"]?.string ?? ""
        selection = try? NodeSelection(spec: podSpec ?? .emptyObject)
        tolerations = Self.tolerations(podSpec).compactMap(Toleration.init(json:))
    }

    func judge(_ node: APIObject) -> Verdict {
        let members = node.labels?.object?.members ?? []
        let labels = Dictionary(members.map { ($0.key, $0.value.string ?? "") }) { $1 }
        guard name.isEmpty || name == node.name, selection?.allows(name: node.name, labels: labels) == true else {
            return Verdict(shouldRun: false, shouldContinue: false)
        }
        let repelling = [Taint](node: node.json).filter {
            $0.effect != .preferNoSchedule && !tolerations.tolerate($0)
        }
        return Verdict(
            shouldRun: repelling.isEmpty, shouldContinue: !repelling.contains { $0.effect == .noExecute })
    }

    /// A pod's template bound to one node by its affinity, as the scheduler wants it.
    static func bound(_ template: JSONValue?, to node: String) -> JSONValue {
        var template = template ?? .emptyObject
        let field: JSONValue = ["key": "metadata.name", "operator": "In", "values": [.string(node)]]
        let path = ["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]
        var terms = template[path: path[...]]?["nodeSelectorTerms"]?.array ?? []
        if terms.isEmpty {
            terms = [["matchFields": [field]]]
        } else {
            // It replaces fields, and goes with whatever else a term asks for.
            for index in terms.indices { terms[index][path: "matchFields"] = [field] }
        }
        template[path: path[...]] = ["nodeSelectorTerms": .array(terms)]
        template[path: "spec", "tolerations"] = .array(tolerations(template["spec"]))
        return template
    }

    /// The node that a pod is on, or is meant for.
    static func target(_ pod: APIObject) -> String {
        guard pod.nodeName.isEmpty else { return pod.nodeName }
        let required = pod.spec?["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]
        for term in required?["nodeSelectorTerms"]?.array ?? [] {
            for field in term["matchFields"]?.array ?? [] where field["key"]?.string == "metadata.name" {
                return field["values"]?.array?.first?.string ?? ""
            }
        }
        return ""
    }
}
