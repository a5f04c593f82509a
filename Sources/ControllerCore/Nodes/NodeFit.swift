import KubeAPI

/// Whether a pod of a DaemonSet belongs on a node.
enum NodeFit {
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

    static func tolerations(_ podSpec: JSONValue?) -> [JSONValue] {
        let own = Tolerations.of(podSpec)
        var all = own + daemonTolerations.filter { !own.contains($0) }
        if podSpec?["hostNetwork"]?.bool == true {
            all.append(toleration("node.kubernetes.io/network-unavailable", "NoSchedule"))
        }
        return all
    }

    static func judge(_ podSpec: JSONValue?, on node: APIObject) -> Verdict {
        let name = podSpec?["nodeName"]?.string ?? ""
        guard name.isEmpty || name == node.name, matchesSelector(podSpec, node), matchesAffinity(podSpec, node) else {
            return Verdict(shouldRun: false, shouldContinue: false)
        }
        let tolerations = tolerations(podSpec)
        let repelling = Tolerations.taints(node, ["NoSchedule", "NoExecute"]).filter {
            !Tolerations.tolerates(tolerations, $0)
        }
        return Verdict(
            shouldRun: repelling.isEmpty,
            shouldContinue: !repelling.contains { $0["effect"]?.string == "NoExecute" })
    }

    private static func matchesSelector(_ podSpec: JSONValue?, _ node: APIObject) -> Bool {
        (podSpec?["nodeSelector"]?.object?.members ?? []).allSatisfy { node.label($0.key) == $0.value.string }
    }

    private static func matchesAffinity(_ podSpec: JSONValue?, _ node: APIObject) -> Bool {
        let required = podSpec?["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]
        guard let terms = required?["nodeSelectorTerms"]?.array else { return true }
        return terms.contains { term in
            let labels = term["matchExpressions"]?.array ?? []
            let fields = term["matchFields"]?.array ?? []
            guard !labels.isEmpty || !fields.isEmpty else { return false }
            return labels.allSatisfy { matches($0, node.label($0["key"]?.string ?? "")) }
                && fields.allSatisfy { matches($0, $0["key"]?.string == "metadata.name" ? node.name : nil) }
        }
    }

    private static func matches(_ requirement: JSONValue, _ value: String?) -> Bool {
        let values = requirement["values"]?.array?.compactMap(\.string) ?? []
        switch requirement["operator"]?.string {
        case "In": return value.map(values.contains) ?? false
        case "NotIn": return !(value.map(values.contains) ?? false)
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let number = value.flatMap({ Int64($0) }), let limit = values.first.flatMap({ Int64($0) }) else {
                return false
            }
            return requirement["operator"]?.string == "Gt" ? number > limit : number < limit
        default: return false
        }
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
