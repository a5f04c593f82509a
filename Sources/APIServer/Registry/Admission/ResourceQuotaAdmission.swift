import KubeAPI
import KubeSchema
import StoreCore

/// Holds a namespace to its ResourceQuotas. What a new object uses is added to the quota's status in the transaction that
/// creates the object: two that would both fit alone never both pass. A controller counts anew what has gone.
public struct ResourceQuotaAdmission: AdmissionPlugin {
    public let name = "ResourceQuota"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        guard request.resource.isNamespaced, request.subresource.isEmpty else { return false }
        return request.operation == .create || request.operation == .update && Self.growsByUpdate(request)
    }

    private static func growsByUpdate(_ request: AdmissionRequest) -> Bool {
        request.isAbout("", "services") || request.isAbout("", "persistentvolumeclaims")
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let object = request.object else { return }
        let quotas = try await objects.list(StorePrefix.resourceQuotas, namespace: request.namespace)
        guard !quotas.isEmpty else { return }
        let (group, resource) = (request.resource.group, request.resource.resource)
        let usage = QuotaUsage.of(object, group: group, resource: resource)
        let before = request.oldObject.map { QuotaUsage.of($0, group: group, resource: resource) } ?? [:]
        let added = usage.merging(before.mapValues { -$0 }) { $0 + $1 }.filter { $0.value.sign > 0 }
        for quota in quotas where QuotaUsage.isInScope(quota.object, object, resource: resource) {
            try charge(quota, added, request)
        }
    }

    private func charge(
        _ quota: StoredObjects.Stored, _ added: QuotaUsage.Amounts, _ request: AdmissionRequest
    ) throws {
        let hard = PodResources.amounts(quota.object[path: "spec", "hard"])
        let used = PodResources.amounts(quota.object[path: "status", "used"])
        let name = quota.object[path: "metadata", "name"]?.string ?? ""
        try checkMandatory(hard, name, request)
        let charged = added.filter { hard[$0.key] != nil }
        guard !charged.isEmpty else { return }
        let exceeded = charged.filter { (used[$0.key] ?? .zero) + $0.value > hard[$0.key] ?? .zero }.keys.sorted()
        guard exceeded.isEmpty else {
            func list(_ amounts: QuotaUsage.Amounts) -> String {
                exceeded.map { "\($0)=\(amounts[$0] ?? .zero)" }.joined(separator: ",")
            }
            throw request.forbidden(
                "exceeded quota: \(name), requested: \(list(added)), used: \(list(used)), limited: \(list(hard))")
        }
        var object = quota.object
        object[path: "metadata", "resourceVersion"] = nil
        for (resource, amount) in charged {
            object[path: "status", "used", resource] = .string(((used[resource] ?? .zero) + amount).text)
            if object[path: "status", "hard", resource] == nil {
                object[path: "status", "hard", resource] = object[path: "spec", "hard", resource]
            }
        }
        let key = KeyRange(key: quota.keyValue.key)
        request.context.alsoWrite(
            if: [Compare(key, .equal, .modRevision(quota.keyValue.modRevision))],
            [.put(.init(quota.keyValue.key, JSONWriter.bytes(object)))])
    }

    /// A quota on compute resources makes every container state them.
    private func checkMandatory(_ hard: QuotaUsage.Amounts, _ name: String, _ request: AdmissionRequest) throws {
        guard request.isAbout("", "pods"), let pod = request.object else { return }
        let containers = ["containers", "initContainers"].flatMap { pod[path: "spec", $0]?.array ?? [] }
        let missing = Self.compute.filter { hard[$0.resource] != nil }.compactMap { item -> String? in
            let names = containers.filter { $0[path: "resources", item.list, item.member] == nil }
                .compactMap { $0["name"]?.string }.sorted()
            return names.isEmpty ? nil : "\(item.resource) for: \(names.joined(separator: ","))"
        }
        guard !missing.isEmpty else { return }
        throw request.forbidden("failed quota: \(name): must specify \(missing.joined(separator: "; "))")
    }

    /// What quotas call it, and where a container says it; sorted.
    private static let compute: [(resource: String, list: String, member: String)] = [
        ("cpu", "requests", "cpu"), ("limits.cpu", "limits", "cpu"), ("limits.memory", "limits", "memory"),
        ("memory", "requests", "memory"), ("requests.cpu", "requests", "cpu"),
        ("requests.memory", "requests", "memory"),
    ]
}
