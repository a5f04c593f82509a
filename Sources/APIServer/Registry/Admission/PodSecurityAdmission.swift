import KubeAPI
import KubeSchema

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
        if request.isAbout("", "namespaces") { return true }
        let isPodChange = ["ephemeralcontainers", "resize"].contains(request.subresource)
        guard request.subresource.isEmpty || isPodChange else { return false }
        return Self.templates["\(request.resource.group)/\(request.resource.resource)"] != nil
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard let object = request.object else { return }
        if request.isAbout("", "namespaces") { return try await checkNamespace(object, request) }
        guard let path = Self.templates["\(request.resource.group)/\(request.resource.resource)"],
            let pod = object[path: path[...]], let spec = pod["spec"]
        else { return }
        let isPod = path.isEmpty
        if isPod, let old = request.oldObject, !Self.isSignificant(object, old) { return }
        let namespace = try await objects.get(StorePrefix.namespaces, name: request.namespace)
        guard let labels = namespace?[path: "metadata", "labels"] else { return }
        let policy = PodSecurityPolicy(labels: labels)
        guard !policy.isPrivileged else { return }

        func finding(_ rule: PodSecurityPolicy.Rule) -> String? {
            let violations = rule.level.violations(metadata: pod["metadata"], spec: spec)
            guard !violations.isEmpty else { return nil }
            return "PodSecurity \"\(rule)\": \(violations.map(\.description).joined(separator: ", "))"
        }
        if let found = finding(policy.audited) {
            request.context.annotate("pod-security.kubernetes.io/audit-violations", "would violate \(found)")
        }
        if isPod {
            request.context.annotate("pod-security.kubernetes.io/enforce-policy", "\(policy.enforced)")
            if let found = finding(policy.enforced) { throw request.forbidden("violates \(found)") }
        }
        if let found = finding(policy.warned) { request.context.warn("would violate \(found)") }
    }

    /// Changes of anything else leave a Pod as it is, whatever its namespace has come to ask for since.
    private static func isSignificant(_ new: JSONValue, _ old: JSONValue) -> Bool {
        func containers(_ pod: JSONValue, _ list: String) -> [[JSONValue?]] {
            (pod[path: "spec", list]?.array ?? []).map { [$0["name"], $0["image"]] }
        }
        return ["containers", "initContainers", "ephemeralContainers"].contains {
            containers(new, $0) != containers(old, $0)
        }
    }

    // MARK: Namespaces

    /// Labels that say nothing are refused; of a stricter level the Pods that are there already are told.
    private func checkNamespace(_ namespace: JSONValue, _ request: AdmissionRequest) async throws {
        let policy = PodSecurityPolicy(labels: namespace[path: "metadata", "labels"])
        let before = request.oldObject.map { PodSecurityPolicy(labels: $0[path: "metadata", "labels"]) }
        guard policy.errors.isEmpty || policy.errors == before?.errors else { throw InvalidObject(policy.errors) }
        guard let before, policy.enforced != before.enforced, policy.enforced.level != .privileged,
            policy.enforced.version != before.enforced.version || policy.enforced.level > before.enforced.level
        else { return }
        let name = namespace.meta("name")
        let pods = try await objects.list(StorePrefix.pods, namespace: name).map(\.object)
        let found = Self.violators(pods, policy.enforced.level)
        guard !found.isEmpty else { return }
        request.context.warn(
            "existing pods in namespace \"\(name)\" violate the new PodSecurity enforce level \"\(policy.enforced)\"")
        for warning in found { request.context.warn(warning) }
    }

    private static let mostPods = 3000

    /// The first Pod by name of each kind of violation, and how many more there are.
    private static func violators(_ pods: [JSONValue], _ level: PodSecurityLevel) -> [String] {
        var names: [String: [String]] = [:]
        for pod in pods.prefix(mostPods) {
            let violations = level.violations(metadata: pod["metadata"], spec: pod["spec"] ?? .emptyObject)
            guard !violations.isEmpty else { continue }
            names[violations.map(\.reason).joined(separator: ", "), default: []].append(pod.meta("name"))
        }
        return names.map { reasons, names in
            let others = names.count - 1
            let more = others == 0 ? "" : " (and \(others) other \(others == 1 ? "pod" : "pods"))"
            return "\(names.min() ?? "")\(more): \(reasons)"
        }.sorted()
    }
}
