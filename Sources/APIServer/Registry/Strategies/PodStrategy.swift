import KubeAPI
import KubeSchema

/// Pods: phase and QoS class of new ones, what each subresource may change, and deletion in two steps.
public struct PodStrategy: ObjectStrategy {
    public init() {}

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        var status: JSONValue = ["phase": "Pending", "qosClass": .string(PodQualityOfService(object).rawValue)]
        if !(object[path: "spec", "schedulingGates"]?.array?.isEmpty ?? true) {
            status[path: "conditions"] = [
                [
                    "type": "PodScheduled", "status": "False", "lastProbeTime": .null, "lastTransitionTime": .null,
                    "reason": "SchedulingGated",
                    "message": "Scheduling is blocked due to non-empty scheduling gates",
                ]
            ]
        }
        object[path: "status"] = status
    }

    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {
        switch subresource {
        case "status":
            object[path: "metadata", "ownerReferences"] = old[path: "metadata", "ownerReferences"]
            if object[path: "status", "qosClass"] == nil {
                object[path: "status", "qosClass"] = old[path: "status", "qosClass"]
            }
        case "ephemeralcontainers":
            let containers = object[path: "spec", "ephemeralContainers"]
            object[path: "spec"] = old["spec"]
            object[path: "status"] = old["status"]
            object[path: "spec", "ephemeralContainers"] = containers
        case "resize":
            Self.keepOnlyResources(&object, old: old)
        default: break
        }
    }

    /// Of the containers only resources and resizePolicy may change (KEP-1287).
    private static func keepOnlyResources(_ object: inout JSONValue, old: JSONValue) {
        var spec = old["spec"] ?? .emptyObject
        for list in ["containers", "initContainers"] {
            let new = object[path: "spec", list]?.array ?? []
            let before = old[path: "spec", list]?.array ?? []
            guard new.map({ $0["name"] }) == before.map({ $0["name"] }) else {
                // Validation says what is wrong with it.
                spec[path: list] = .array(new)
                continue
            }
            guard !before.isEmpty else { continue }
            spec[path: list] = .array(
                zip(before, new).map { before, new in
                    var container = before
                    container[path: "resources"] = new["resources"]
                    container[path: "resizePolicy"] = new["resizePolicy"]
                    return container
                })
        }
        object[path: "spec"] = spec
        object[path: "status"] = old["status"]
    }

    /// A resize leaves the class of service as it is.
    public func validate(_ object: JSONValue, old: JSONValue?, _ context: RequestContext) async throws {
        guard context.subresource == "resize", let old else { return }
        let (quality, before) = (PodQualityOfService(object), PodQualityOfService(old))
        guard quality != before else { return }
        throw InvalidObject([
            FieldError(
                .invalid, "spec", .string(before.rawValue), "Pod QOS Class may not change as a result of resizing")
        ])
    }

    /// A Pod that no node runs, or that has ended, goes at once.
    public func gracePeriod(of object: JSONValue, requested: Int64?, _ context: RequestContext) -> Int64? {
        let isBound = !(object[path: "spec", "nodeName"]?.string ?? "").isEmpty
        let phase = object[path: "status", "phase"]?.string
        guard isBound, phase != "Failed", phase != "Succeeded" else { return 0 }
        let period = requested ?? object[path: "spec", "terminationGracePeriodSeconds"]?.integer ?? 0
        return period < 0 ? 1 : period
    }
}
