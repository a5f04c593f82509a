import KubeAPI

/// Gives Pods their priority by their class, and keeps one default class.
public struct PriorityAdmission: AdmissionPlugin {
    public let name = "Priority"
    private let objects: StoredObjects

    public init(_ objects: StoredObjects) { self.objects = objects }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.isAbout("", "pods") && request.operation == .create
            || request.isAbout("scheduling.k8s.io", "priorityclasses")
                && (request.operation == .create || request.operation == .update)
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        guard request.isAbout("", "pods"), let pod = request.object else { return }
        let className = pod[path: "spec", "priorityClassName"]?.string ?? ""
        let found = try await className.isEmpty ? standard() : named(className, request)
        let priority = found?["value"] ?? 0
        if let given = pod[path: "spec", "priority"], given != priority {
            throw request.forbidden(
                "the integer value of priority (\(given.integer ?? 0)) must not be provided in pod spec; priority admission controller computed \(priority.integer ?? 0) from the given PriorityClass name"
            )
        }
        if className.isEmpty, let found {
            request.object?[path: "spec", "priorityClassName"] = found[path: "metadata", "name"]
        }
        request.object?[path: "spec", "priority"] = priority
        let policy = found?["preemptionPolicy"] ?? "PreemptLowerPriority"
        if let given = pod[path: "spec", "preemptionPolicy"], given != policy {
            throw request.forbidden(
                "the string value of PreemptionPolicy (\(given.string ?? "")) must not be provided in pod spec; priority admission controller computed \(policy.string ?? "") from the given PriorityClass name"
            )
        }
        request.object?[path: "spec", "preemptionPolicy"] = policy
    }

    private func named(_ name: String, _ request: AdmissionRequest) async throws -> JSONValue {
        if let found = try await objects.get(StorePrefix.priorityClasses, name: name) { return found }
        throw request.forbidden("no PriorityClass with name \(name) was found")
    }

    /// The lowest of the default classes, should there be more than one.
    private func standard() async throws -> JSONValue? {
        try await objects.list(StorePrefix.priorityClasses).map(\.object).filter { $0["globalDefault"]?.bool == true }
            .min { ($0["value"]?.integer ?? 0) < ($1["value"]?.integer ?? 0) }
    }

    public func validate(_ request: AdmissionRequest) async throws {
        guard request.isAbout("scheduling.k8s.io", "priorityclasses"), request.object?["globalDefault"]?.bool == true
        else { return }
        guard let other = try await standard(), other[path: "metadata", "name"]?.string != request.name else { return }
        throw request.forbidden(
            "PriorityClass \(other[path: "metadata", "name"]?.string ?? "") is already marked as default. Only one default can exist"
        )
    }
}
