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

    /// Only what the quota limits and what was counted is told; the rest stays as it is known.
    ///
    /// - Parameter counted: everything of the quota's namespace.
    public static func decide(_ quota: APIObject, counted: [Counted]) -> Decision {
        guard !quota.isBeingDeleted else { return Decision() }
        let hard = quota.spec?["hard"] ?? .emptyObject
        var used: QuotaUsage.Amounts = [:]
        for member in hard.object?.members ?? [] where isCounted(member.key) { used[member.key] = .zero }
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

    private static func isCounted(_ name: String) -> Bool {
        guard name.hasPrefix("count/") else { return true }
        let rest = name.dropFirst(6)
        return kinds.contains { kind in
            let resource = kind.resource
            return rest == (resource.group.isEmpty ? resource.resource : "\(resource.resource).\(resource.group)")
        }
    }
}
