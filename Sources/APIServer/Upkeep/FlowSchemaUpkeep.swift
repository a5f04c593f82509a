import KubeAPI
import Logging
import ServiceLifecycle

/// Says of every FlowSchema whether the priority level that it leads to is there.
public struct FlowSchemaUpkeep: ServiceLifecycle.Service {
    private let schemas: OwnObjects
    private let kinds: StoredKinds

    /// nil when FlowSchemas are not served.
    public init?(_ registry: Registry, logger: Logger) {
        let own = OwnObjects(
            registry, group: "flowcontrol.apiserver.k8s.io", version: "v1", resource: "flowschemas",
            fieldManager: "api-priority-and-fairness-config-consumer-v1")
        guard let own else { return nil }
        schemas = own
        kinds = StoredKinds(
            [
                "FlowSchema": own.served.definition.storePrefix,
                "PriorityLevelConfiguration": StorePrefix.priorityLevels,
            ], registry.store, logger: logger)
    }

    public func run() async throws {
        await kinds.follow { known in
            let levels = Set((known["PriorityLevelConfiguration"] ?? [:]).keys)
            let now = schemas.now
            let unsettled = (known["FlowSchema"] ?? [:]).filter { _, schema in
                Self.conditions(of: schema, levels, now: now) != schema[path: "status", "conditions"]?.array
            }
            try await schemas.updateStatus(of: Array(unsettled.keys)) { schema in
                schema[path: "status", "conditions"] = .array(Self.conditions(of: schema, levels, now: now))
            }
        }
    }

    /// `levels`: those there are.
    static func conditions(of schema: JSONValue, _ levels: Set<String>, now: Int64) -> [JSONValue] {
        let level = schema[path: "spec", "priorityLevelConfiguration", "name"]?.string ?? ""
        let isDangling = !levels.contains(level)
        var conditions = schema[path: "status", "conditions"]?.array ?? []
        StatusConditions.set(
            &conditions, "Dangling", isDangling, isDangling ? "NotFound" : "Found",
            "This FlowSchema references the PriorityLevelConfiguration object named \"\(level)\" "
                + (isDangling ? "but there is no such object" : "and it exists"), now: now)
        return conditions
    }
}
