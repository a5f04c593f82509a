import KubeAPI
import Logging
import ServiceLifecycle

/// Keeps the APIServices as `APIServicePlan` says.
public struct APIServiceUpkeep: ServiceLifecycle.Service {
    private let services: OwnObjects
    private let kinds: StoredKinds

    /// nil when APIServices are not served.
    public init?(_ registry: Registry, logger: Logger) {
        let own = OwnObjects(
            registry, group: "apiregistration.k8s.io", version: "v1", resource: "apiservices",
            fieldManager: "kube-apiserver")
        guard let own else { return nil }
        services = own
        kinds = StoredKinds(
            [
                "APIService": own.served.definition.storePrefix,
                "CustomResourceDefinition": StorePrefix.customResourceDefinitions,
            ], registry.store, logger: logger, part: Self.part)
    }

    /// Of CustomResourceDefinitions, which may be large, the versions alone.
    private static func part(_ object: JSONValue) -> JSONValue {
        guard object["kind"] == "CustomResourceDefinition" else { return object }
        let versions = (object[path: "spec", "versions"]?.array ?? []).map { version -> JSONValue in
            ["name": version["name"] ?? .null, "served": version["served"] ?? .null]
        }
        return ["spec": ["group": object[path: "spec", "group"] ?? .null, "versions": .array(versions)]]
    }

    public func run() async throws {
        await kinds.follow { known in
            let all = services.registry.resources.snapshot.all.filter { !$0.isCustom }.map(\.definition)
            let served = Set(all.map { "\($0.version).\($0.group)" })
            let plan = APIServicePlan(
                services: known["APIService"] ?? [:],
                definitions: Array((known["CustomResourceDefinition"] ?? [:]).values), served: served)
            try await settle(plan, served)
        }
    }

    private func settle(_ plan: APIServicePlan, _ served: Set<String>) async throws {
        for object in plan.missing { try await services.create(object) }
        for (name, spec) in plan.changed {
            try await services.update(name) { service in
                for member in spec.object?.members ?? [] { service[path: "spec", member.key] = member.value }
            }
        }
        for name in plan.superfluous { try await services.delete(name) }
        let now = services.now
        try await services.updateStatus(of: plan.unsettled) { service in
            service[path: "status", "conditions"] = .array(APIServicePlan.available(service, served, now: now))
        }
    }
}
