import KubeAPI

/// Pods stay five minutes on a node that is not ready or not reachable, unless they say otherwise.
public struct DefaultTolerationSeconds: AdmissionPlugin {
    public let name = "DefaultTolerationSeconds"
    private let seconds: Int64

    public init(seconds: Int64 = 300) { self.seconds = seconds }

    public func handles(_ request: AdmissionRequest) -> Bool {
        request.operation == .create && request.isAbout("", "pods")
    }

    public func admit(_ request: inout AdmissionRequest) async throws {
        var tolerations = request.object?[path: "spec", "tolerations"]?.array ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            guard !tolerations.contains(where: { Self.tolerates($0, key) }) else { continue }
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": .integer(seconds),
            ])
        }
        request.object?[path: "spec", "tolerations"] = .array(tolerations)
    }

    private static func tolerates(_ toleration: JSONValue, _ key: String) -> Bool {
        let own = toleration["key"]?.string ?? ""
        let effect = toleration["effect"]?.string ?? ""
        return (own == key || own.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
    }
}
