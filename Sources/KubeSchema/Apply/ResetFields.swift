/// Which fields a write through the resource or a subresource cannot change (upstream's GetResetFields).
public enum ResetFields {
    /// `hasStatus`: the kind has a status subresource.
    public static func fields(group: String, kind: String, subresource: String, hasStatus: Bool) -> FieldSet {
        guard hasStatus else { return FieldSet() }
        switch (subresource, group, kind) {
        case ("", _, _): return FieldSet(paths: [["status"]])
        case ("status", "", "Pod"):
            return FieldSet(paths: [["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]])
        case ("status", "apps", "Deployment"), ("status", "networking.k8s.io", "Ingress"):
            return FieldSet(paths: [["spec"], ["metadata", "labels"]])
        case ("status", "certificates.k8s.io", _): return FieldSet(paths: [["spec"], ["status", "conditions"]])
        case ("status", _, _): return FieldSet(paths: [["spec"]])
        default: return FieldSet()
        }
    }
}
