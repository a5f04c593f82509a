import KubeAPI

/// An owner is named once.
enum OwnerReferences {
    /// Leaves out what is there twice, and says so.
    static func dedupe(_ object: inout JSONValue, _ context: RequestContext) {
        guard let references = object[path: "metadata", "ownerReferences"]?.array, references.count > 1 else { return }
        var kept: [JSONValue] = []
        var duplicates: [String] = []
        for reference in references {
            if kept.contains(reference) {
                duplicates.append(reference["uid"]?.string ?? "")
            } else {
                kept.append(reference)
            }
        }
        guard !duplicates.isEmpty else { return }
        object.setMeta("ownerReferences", .array(kept))
        let when = context.attributes.verb == "patch" ? " after mutating admission happens" : ""
        context.warn(
            ".metadata.ownerReferences contains duplicate entries\(when); API server dedups owner references in 1.20+, and "
                + "may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
                + duplicates.joined(separator: ", "))
    }
}
