import KubeAPI

/// Nothing is created in a namespace that is not there or is going; the namespaces every cluster has stay.
public struct NamespaceLifecycle: AdmissionPlugin {
    public let name = "NamespaceLifecycle"
    private let objects: StoredObjects
    private static let permanent: Set = ["default", "kube-system", "kube-public"]

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .delete
            ? request.isAbout("", "namespaces")
            : request.operation == .create && request.resource.isNamespaced && request.subresource.isEmpty
    }

    /// Access reviews ask about namespaces, whether they are there or not.
    private static let reviews: Set = ["localsubjectaccessreviews"]

    public func validate(_ request: AdmissionRequest) async throws {
        if request.operation == .delete {
            guard Self.permanent.contains(request.name) else { return }
            throw request.forbidden("this namespace may not be deleted")
        }
        guard !Self.reviews.contains(request.resource.resource) else { return }
        guard let namespace = try await objects.get(StorePrefix.namespaces, name: request.namespace) else {
            throw Status.notFound("namespaces", name: request.namespace)
        }
        guard
            namespace[path: "metadata", "deletionTimestamp"] != nil
                || namespace[path: "status", "phase"] == "Terminating"
        else { return }
        let why = "unable to create new content in namespace \(request.namespace) because it is being terminated"
        let cause = Status.Cause(
            reason: "NamespaceTerminating", message: "namespace \(request.namespace) is being terminated",
            field: "metadata.namespace")
        throw request.forbidden(why, causes: [cause])
    }
}
