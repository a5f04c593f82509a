import KubeAPI

/// Claims without a storage class get the default one; of several the newest.
public struct DefaultStorageClass: AdmissionPlugin {
    public let name = "DefaultStorageClass"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAbout("", "persistentvolumeclaims")
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        let annotations = request.object?[path: "metadata", "annotations"]
        guard request.object?[path: "spec", "storageClassName"] == nil,
            annotations?["volume.beta.kubernetes.io/storage-class"] == nil,
            let found = try await objects.defaultClass(
                StorePrefix.storageClasses, annotation: "storageclass.kubernetes.io/is-default-class")
        else { return }
        request.object?[path: "spec", "storageClassName"] = .string(found)
    }
}

/// Ingresses without a class get the default one.
public struct DefaultIngressClass: AdmissionPlugin {
    public let name = "DefaultIngressClass"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAbout("networking.k8s.io", "ingresses")
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        let annotations = request.object?[path: "metadata", "annotations"]
        guard request.object?[path: "spec", "ingressClassName"] == nil,
            annotations?["kubernetes.io/ingress.class"] == nil,
            let found = try await objects.defaultClass(
                StorePrefix.ingressClasses, annotation: "ingressclass.kubernetes.io/is-default-class")
        else { return }
        request.object?[path: "spec", "ingressClassName"] = .string(found)
    }
}

extension StoredObjects {
    /// The name of the class whose annotation is true; of several the newest, then the first by name.
    fileprivate func defaultClass(_ resource: String, annotation: String) async throws -> String? {
        let classes = try await list(resource).map(\.object).filter {
            $0[path: "metadata", "annotations", annotation]?.string == "true"
        }
        func age(_ object: JSONValue) -> (String, String) {
            (
                object[path: "metadata", "creationTimestamp"]?.string ?? "",
                object[path: "metadata", "name"]?.string ?? ""
            )
        }
        let newest = classes.min { a, b in
            let (a, b) = (age(a), age(b))
            return a.0 != b.0 ? a.0 > b.0 : a.1 < b.1
        }
        return newest.map { age($0).1 }
    }
}
