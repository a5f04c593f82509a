import KubeAPI

/// A new node is not ready until it says so.
public struct TaintNodesByCondition: AdmissionPlugin {
    public let name = "TaintNodesByCondition"
    private static let key: JSONValue = "node.kubernetes.io/not-ready"

    public init() {}

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAbout("", "nodes")
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        let taints = request.object?[path: "spec", "taints"]?.array ?? []
        guard !taints.contains(where: { $0["key"] == Self.key && $0["effect"] == "NoSchedule" }) else { return }
        request.object?[path: "spec", "taints"] = .array(taints + [["key": Self.key, "effect": "NoSchedule"]])
    }
}
