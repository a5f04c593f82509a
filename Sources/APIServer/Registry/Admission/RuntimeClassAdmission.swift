import KubeAPI

/// Pods of a runtime class bear its overhead and go where it runs (KEP-688).
public struct RuntimeClassAdmission: AdmissionPlugin {
    public let name = "RuntimeClass"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAbout("", "pods")
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        guard let pod = request.object else { return }
        guard let name = pod[path: "spec", "runtimeClassName"]?.string else {
            if pod[path: "spec", "overhead"]?.object?.members.isEmpty == false {
                throw request.forbidden(
                    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead")
            }
            return
        }
        guard let found = try await objects.get(StorePrefix.runtimeClasses, name: name) else {
            throw request.forbidden("pod rejected: RuntimeClass \"\(name)\" not found")
        }
        let overhead = found[path: "overhead", "podFixed"]
        if let given = pod[path: "spec", "overhead"], given != overhead {
            throw request.forbidden(
                "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
        }
        request.object?[path: "spec", "overhead"] = overhead
        try place(&request, by: found)
    }

    private func place(_ request: inout AdmissionRequest, by runtimeClass: JSONValue) throws {
        for member in runtimeClass[path: "scheduling", "nodeSelector"]?.object?.members ?? [] {
            let given = request.object?[path: "spec", "nodeSelector", member.key]
            if let given, given != member.value {
                throw request.forbidden(
                    "conflict: runtimeClass.scheduling.nodeSelector[\(member.key)] = \(member.value.string ?? ""); pod.spec.nodeSelector[\(member.key)] = \(given.string ?? "")"
                )
            }
            request.object?[path: "spec", "nodeSelector", member.key] = member.value
        }
        let added = runtimeClass[path: "scheduling", "tolerations"]?.array ?? []
        guard !added.isEmpty else { return }
        let present = request.object?[path: "spec", "tolerations"]?.array ?? []
        request.object?[path: "spec", "tolerations"] = .array(present + added.filter { !present.contains($0) })
    }
}
