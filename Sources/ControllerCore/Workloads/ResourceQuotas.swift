import KubeAPI
import KubeSchema

/// What of a ResourceQuota is used, counted anew from what is there.
public enum ResourceQuotas {
    /// Objects of one kind.
    public struct Counted: Sendable {
        public let kind: APIKind
        public let objects: [APIObject]

        public init(_ kind: APIKind, _ objects: [APIObject]) {
            self.kind = kind
            self.objects = objects
        }
    }

    /// Kinds with amounts of their own; `count/RESOURCE.GROUP` may name any other.
    public static let kinds: [APIKind] = [
        .pod, .service, .persistentVolumeClaim, .configMap, .secret, .replicationController, .resourceQuota,
        .deployment, .replicaSet, .statefulSet, .daemonSet, .job, .cronJob,
    ]

    /// `count/RESOURCE.GROUP`, as a quota names how many objects of a kind there may be.
    public static func countName(_ resource: GroupVersionResource) -> String {
        "count/" + (resource.group.isEmpty ? resource.resource : "\(resource.resource).\(resource.group)")
    }

    /// Names of the form `count/…` that are none of `kinds`.
    public static func otherCounts(_ quota: APIObject) -> [String] {
        let known = Set(kinds.map { countName($0.resource) })
        return names(quota).filter { $0.hasPrefix("count/") && !known.contains($0) }
    }

    /// The kinds whose objects the quota limits.
    public static func limitedKinds(_ quota: APIObject) -> [APIKind] {
        let names = names(quota)
        return kinds.filter { kind in
            names.contains { $0 == countName(kind.resource) || isAmount($0, of: kind) }
        }
    }

    private static func names(_ quota: APIObject) -> [String] {
        quota.spec?["hard"]?.object?.members.map(\.key) ?? []
    }

    private static func isAmount(_ name: String, of kind: APIKind) -> Bool {
        let isStorage = name.hasSuffix("persistentvolumeclaims") || name.hasSuffix("requests.storage")
        switch kind {
        case .persistentVolumeClaim: return isStorage
        case .service: return name.hasPrefix("services")
        case .pod:
            let compute = ["requests.", "limits.", "cpu", "memory", "ephemeral-storage", "hugepages-"]
            return name == "pods" || !isStorage && compute.contains { name.hasPrefix($0) }
        default: return kind.resource.group.isEmpty && name == kind.resource.resource
        }
    }

    /// Only what the quota limits and what was counted is told; the rest stays as it is known.
    ///
    /// - Parameter counted: of the quota's namespace, everything of the kinds that it limits.
    public static func decide(_ quota: APIObject, counted: [Counted]) -> Decision {
        guard !quota.isBeingDeleted else { return Decision() }
        let hard = quota.spec?["hard"] ?? .emptyObject
        let counts = Set(counted.map { countName($0.kind.resource) })
        var used: QuotaUsage.Amounts = [:]
        for name in names(quota) where !name.hasPrefix("count/") || counts.contains(name) { used[name] = .zero }
        for group in counted {
            let resource = group.kind.resource
            for object in group.objects
            where QuotaUsage.isInScope(quota.json, object.json, resource: resource.resource) {
                let usage = QuotaUsage.of(object.json, group: resource.group, resource: resource.resource)
                for (name, amount) in usage { used[name] = used[name].map { $0 + amount } }
            }
        }
        var status = quota.status ?? .emptyObject
        status[path: "hard"] = hard
        for member in status["used"]?.object?.members ?? [] where hard[member.key] == nil {
            status[path: "used", member.key] = nil
        }
        for (name, amount) in used { put(amount, name, &status) }
        guard let changed = quota.changing(status: status), changed.status != quota.status else { return Decision() }
        return Decision([Action(.updateStatus(.resourceQuota, changed))])
    }

    /// Equal amounts keep the text they have.
    private static func put(_ amount: Quantity, _ name: String, _ status: inout JSONValue) {
        let known = status["used"]?[name]?.string.flatMap { try? Quantity(parsing: $0) }
        guard known != amount else { return }
        status[path: "used", name] = .string(amount.text)
    }
}
