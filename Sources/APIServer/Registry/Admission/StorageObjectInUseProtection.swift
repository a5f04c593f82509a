import KubeAPI

/// Volumes and claims in use are not deleted before they are free: a finalizer that a controller takes away.
public struct StorageObjectInUseProtection: AdmissionPlugin {
    public let name = "StorageObjectInUseProtection"
    private static let finalizers = [
        "/persistentvolumes": "kubernetes.io/pv-protection",
        "/persistentvolumeclaims": "kubernetes.io/pvc-protection",
        "storage.k8s.io/volumeattributesclasses": "kubernetes.io/vac-protection",
    ]

    public init() {}

    private static func finalizer(_ request: AdmissionRequest) -> String? {
        guard request.operation == .create, request.subresource.isEmpty else { return nil }
        return finalizers["\(request.resource.group)/\(request.resource.resource)"]
    }

    public func handles(_ request: AdmissionRequest) -> Bool { Self.finalizer(request) != nil }

    public func admit(_ request: inout AdmissionRequest) async throws {
        guard let finalizer = Self.finalizer(request).map(JSONValue.string) else { return }
        let present = request.object?[path: "metadata", "finalizers"]?.array ?? []
        guard !present.contains(finalizer) else { return }
        request.object?[path: "metadata", "finalizers"] = .array(present + [finalizer])
    }
}
