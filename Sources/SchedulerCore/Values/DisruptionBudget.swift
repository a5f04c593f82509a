import KubeAPI
import KubeSchema

/// What preemption reads of a PodDisruptionBudget.
public struct DisruptionBudget: Sendable, Hashable {
    public let key: NamespacedName
    let selector: LabelSelector
    /// status.disruptionsAllowed
    let allowed: Int64
    /// status.disruptedPods: pods whose disruption is counted already.
    let disrupted: Set<String>

    public init(json: JSONValue) throws(DecodingFailure) {
        guard let name = json["metadata"]?["name"]?.string, !name.isEmpty else {
            throw DecodingFailure("metadata.name", "required")
        }
        key = NamespacedName(namespace: json["metadata"]?["namespace"]?.string ?? "", name: name)
        do { selector = try LabelSelector(json: json["spec"]?["selector"]) } catch {
            throw DecodingFailure("spec.selector", "\(error)")
        }
        allowed = json["status"]?["disruptionsAllowed"]?.integer ?? 0
        disrupted = Set((json["status"]?["disruptedPods"]?.object?.members ?? []).map(\.key))
    }

    /// Upstream: a budget without selector protects nobody, an empty one in policy/v1 everybody.
    func protects(_ pod: Pod) -> Bool {
        key.namespace == pod.key.namespace && !pod.labels.isEmpty && selector.matches(pod.labels)
            && !disrupted.contains(pod.key.name)
    }
}
