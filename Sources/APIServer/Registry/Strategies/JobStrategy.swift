import KubeAPI

/// Jobs: the selector that finds a Job's own Pods, made from its uid.
public struct JobStrategy: ObjectStrategy {
    public init() {}

    /// As before dependents were deleted at all.
    public var defaultPropagation: DeleteOptions.Propagation? { .orphan }

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        guard object[path: "spec", "manualSelector"]?.bool != true else { return }
        let uid = object[path: "metadata", "uid"] ?? ""
        let name = object[path: "metadata", "name"] ?? ""
        var labels = object[path: "spec", "template", "metadata", "labels"] ?? .emptyObject
        for (key, value) in [
            ("controller-uid", uid), ("batch.kubernetes.io/controller-uid", uid), ("job-name", name),
            ("batch.kubernetes.io/job-name", name),
        ] where labels[key] == nil {
            labels[path: key] = value
        }
        object[path: "spec", "template", "metadata", "labels"] = labels
        if object[path: "spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"] == nil {
            object[path: "spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"] = uid
        }
    }
}
