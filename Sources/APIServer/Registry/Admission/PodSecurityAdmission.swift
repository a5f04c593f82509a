import KubeAPI

/// Holds Pods to the level that the labels of their namespace ask for, and warns about workloads whose Pods would not
/// pass.
public struct PodSecurityAdmission: AdmissionPlugin {
    public let name = "PodSecurity"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    /// Where the Pod's metadata and spec are in each workload.
    private static let templates: [String: [String]] = [
        "/pods": [], "/podtemplates": ["template"], "/replicationcontrollers": ["spec", "template"],
        "apps/deployments": ["spec", "template"], "apps/replicasets": ["spec", "template"],
        "apps/statefulsets": ["spec", "template"], "apps/daemonsets": ["spec", "template"],
        "batch/jobs": ["spec", "template"], "batch/cronjobs": ["spec", "jobTemplate", "spec", "template"],
    ]

    public func handles(_ request: AdmissionRequest) -> Bool {
        guard request.operation == .create || request.operation == .update else { return false }
        guard request.subresource.isEmpty || request.subresource == "ephemeralcontainers" else { return false }
        return Self.templates["\(request.resource.group)/\(request.resource.resource)"] != nil
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let object = request.object,
            let path = Self.templates["\(request.resource.group)/\(request.resource.resource)"],
            let pod = object[path: path[...]], let spec = pod["spec"]
        else { return }
        let namespace = try await objects.get(StorePrefix.namespaces, name: request.namespace)
        guard let labels = namespace?[path: "metadata", "labels"] else { return }
        func level(_ mode: String) -> PodSecurityLevel {
            labels["pod-security.kubernetes.io/\(mode)"]?.string.flatMap(PodSecurityLevel.init) ?? .privileged
        }
        func version(_ mode: String) -> String {
            labels["pod-security.kubernetes.io/\(mode)-version"]?.string ?? "latest"
        }

        let isPod = path.isEmpty
        let enforced = level("enforce")
        if isPod {
            let violations = enforced.violations(metadata: pod["metadata"], spec: spec)
            if !violations.isEmpty {
                throw request.forbidden(
                    "violates PodSecurity \"\(enforced.rawValue):\(version("enforce"))\": \(violations.joined(separator: ", "))"
                )
            }
        }
        let warned = level("warn")
        let violations = warned.violations(metadata: pod["metadata"], spec: spec)
        if !violations.isEmpty {
            request.context.warn(
                "would violate PodSecurity \"\(warned.rawValue):\(version("warn"))\": \(violations.joined(separator: ", "))"
            )
        }
        let audited = level("audit")
        let recorded = audited.violations(metadata: pod["metadata"], spec: spec)
        if !recorded.isEmpty {
            request.context.annotate(
                "pod-security.kubernetes.io/audit-violations",
                "would violate PodSecurity \"\(audited.rawValue):\(version("audit"))\": \(recorded.joined(separator: ", "))"
            )
        }
    }
}
