import KubeAPI

/// PersistentVolumes: pending until they are bound, and since when they are what they are.
public struct PersistentVolumeStrategy: ObjectStrategy {
    public init() {}

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        object[path: "status"] = ["phase": "Pending", "lastPhaseTransitionTime": Self.time(context)]
    }

    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {
        guard subresource == "status", object[path: "status", "phase"] != old[path: "status", "phase"],
            object[path: "status", "lastPhaseTransitionTime"] == old[path: "status", "lastPhaseTransitionTime"]
        else { return }
        object[path: "status", "lastPhaseTransitionTime"] = Self.time(context)
    }

    private static func time(_ context: RequestContext) -> JSONValue {
        .string(RFC3339.text(nanoseconds: context.now, .seconds))
    }
}

/// PersistentVolumeClaims: pending until they are bound; dataSource and dataSourceRef say the same.
public struct PersistentVolumeClaimStrategy: ObjectStrategy {
    public init() {}

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        object[path: "status"] = ["phase": "Pending"]
        let (source, reference) = (object[path: "spec", "dataSource"], object[path: "spec", "dataSourceRef"])
        if reference == nil { object[path: "spec", "dataSourceRef"] = source }
        if source == nil, reference?["namespace"] == nil { object[path: "spec", "dataSource"] = reference }
    }
}
