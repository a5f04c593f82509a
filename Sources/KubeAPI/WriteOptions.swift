/// Which of the API's patches a body is.
public enum PatchKind: String, Sendable, Hashable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategic = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"
}

/// metav1.DeleteOptions, as far as controllers need it.
public struct DeletionOptions: Sendable, Hashable {
    public enum Propagation: String, Sendable {
        case background = "Background", foreground = "Foreground", orphan = "Orphan"
    }

    public var propagation: Propagation?
    /// Deletes only this incarnation of the object.
    public var uid: String?
    public var resourceVersion: String?
    public var gracePeriodSeconds: Int64?

    public init(
        propagation: Propagation? = nil, uid: String? = nil, resourceVersion: String? = nil,
        gracePeriodSeconds: Int64? = nil
    ) {
        self.propagation = propagation
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.gracePeriodSeconds = gracePeriodSeconds
    }

    /// As the body of the request.
    public var json: JSONValue {
        var options: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
        if let propagation { options[path: "propagationPolicy"] = .string(propagation.rawValue) }
        if let gracePeriodSeconds { options[path: "gracePeriodSeconds"] = .integer(gracePeriodSeconds) }
        if let uid { options[path: "preconditions", "uid"] = .string(uid) }
        if let resourceVersion { options[path: "preconditions", "resourceVersion"] = .string(resourceVersion) }
        return options
    }
}
