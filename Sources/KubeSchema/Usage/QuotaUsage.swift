import KubeAPI

/// What one object counts in a ResourceQuota, by the quota's names of resources.
public enum QuotaUsage {
    public typealias Amounts = PodResources.Amounts

    public static func of(_ object: JSONValue, group: String, resource: String) -> Amounts {
        var usage: Amounts = ["count/\(group.isEmpty ? resource : "\(resource).\(group)")": Quantity(1)]
        guard group.isEmpty else { return usage }
        switch resource {
        case "pods": usage.merge(ofPod(object)) { $1 }
        case "services": usage.merge(ofService(object)) { $1 }
        case "persistentvolumeclaims": usage.merge(ofClaim(object)) { $1 }
        case "configmaps", "secrets", "replicationcontrollers", "resourcequotas": usage[resource] = Quantity(1)
        default: break
        }
        return usage
    }

    private static func ofPod(_ pod: JSONValue) -> Amounts {
        let phase = pod[path: "status", "phase"]?.string
        // A Pod that has ended uses nothing but its object.
        guard phase != "Succeeded", phase != "Failed" else { return [:] }
        var usage: Amounts = ["pods": Quantity(1)]
        for (resource, amount) in PodResources.total(pod, "requests") {
            usage["requests.\(resource)"] = amount
            if ["cpu", "memory", "ephemeral-storage"].contains(resource) { usage[resource] = amount }
        }
        for (resource, amount) in PodResources.total(pod, "limits") { usage["limits.\(resource)"] = amount }
        return usage
    }

    private static func ofService(_ service: JSONValue) -> Amounts {
        let type = service[path: "spec", "type"]?.string ?? "ClusterIP"
        let ports = Int64(service[path: "spec", "ports"]?.array?.count ?? 0)
        var usage: Amounts = ["services": Quantity(1)]
        usage["services.loadbalancers"] = Quantity(type == "LoadBalancer" ? 1 : 0)
        let takesPorts =
            type == "NodePort"
            || type == "LoadBalancer" && service[path: "spec", "allocateLoadBalancerNodePorts"]?.bool != false
        usage["services.nodeports"] = Quantity(takesPorts ? ports : 0)
        return usage
    }

    private static func ofClaim(_ claim: JSONValue) -> Amounts {
        var usage: Amounts = ["persistentvolumeclaims": Quantity(1)]
        let storage = PodResources.amounts(claim[path: "spec", "resources", "requests"])["storage"]
        usage["requests.storage"] = storage
        if let name = claim[path: "spec", "storageClassName"]?.string {
            usage["\(name).storageclass.storage.k8s.io/persistentvolumeclaims"] = Quantity(1)
            usage["\(name).storageclass.storage.k8s.io/requests.storage"] = storage
        }
        return usage
    }

    /// Whether a quota with these scopes counts the object at all; only Pods have scopes.
    public static func isInScope(_ quota: JSONValue, _ object: JSONValue, resource: String) -> Bool {
        let plain = (quota[path: "spec", "scopes"]?.array ?? []).compactMap(\.string).map { scope -> JSONValue in
            ["scopeName": .string(scope), "operator": "Exists"]
        }
        let selectors = plain + (quota[path: "spec", "scopeSelector", "matchExpressions"]?.array ?? [])
        guard !selectors.isEmpty else { return true }
        guard resource == "pods" else { return false }
        return selectors.allSatisfy { matches($0, object) }
    }

    private static func matches(_ selector: JSONValue, _ pod: JSONValue) -> Bool {
        let spec = pod["spec"] ?? .null
        let isBestEffort = PodQualityOfService(pod) == .bestEffort
        switch selector["scopeName"]?.string {
        case "BestEffort": return isBestEffort
        case "NotBestEffort": return !isBestEffort
        case "Terminating": return (spec["activeDeadlineSeconds"]?.integer ?? -1) >= 0
        case "NotTerminating": return (spec["activeDeadlineSeconds"]?.integer ?? -1) < 0
        case "PriorityClass":
            let name = spec["priorityClassName"]?.string
            let values = (selector["values"]?.array ?? []).compactMap(\.string)
            switch selector["operator"]?.string {
            case "In": return name.map(values.contains) ?? false
            case "NotIn": return !(name.map(values.contains) ?? false)
            case "DoesNotExist": return name == nil
            default: return name != nil
            }
        case "CrossNamespacePodAffinity": return PodAffinityScope.crossesNamespaces(spec)
        default: return false
        }
    }
}

/// KEP-2249.
private enum PodAffinityScope {
    static func crossesNamespaces(_ spec: JSONValue) -> Bool {
        ["podAffinity", "podAntiAffinity"].contains { kind in
            let affinity = spec[path: "affinity", kind] ?? .null
            let required = affinity["requiredDuringSchedulingIgnoredDuringExecution"]?.array ?? []
            let preferred = (affinity["preferredDuringSchedulingIgnoredDuringExecution"]?.array ?? []).compactMap {
                $0["podAffinityTerm"]
            }
            return (required + preferred).contains {
                !($0["namespaces"]?.array?.isEmpty ?? true) || $0["namespaceSelector"] != nil
            }
        }
    }
}
