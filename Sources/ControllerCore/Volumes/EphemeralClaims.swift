import KubeAPI

/// Claims of generic ephemeral volumes (KEP-1698): made for one pod, and gone with it.
public enum EphemeralClaims {
    /// The volumes of a pod that need a claim of their own.
    public static func volumes(of pod: APIObject) -> [JSONValue] {
        (pod.spec?["volumes"]?.array ?? []).filter { $0["ephemeral"]?["volumeClaimTemplate"]?.object != nil }
    }

    /// - Parameter claim: the PersistentVolumeClaim of that name in the pod's namespace.
    public static func decide(_ pod: APIObject, claim: (String) -> APIObject?) -> Decision {
        guard !pod.isBeingDeleted, !pod.hasFinished else { return Decision() }
        var decision = Decision()
        for volume in volumes(of: pod) {
            let name = "\(pod.name)-\(volume["name"]?.string ?? "")"
            guard let known = claim(name) else {
                let text = EventText(.warning, "FailedBinding", "ephemeral volume {name}: create PVC: {error}")
                decision.perform(
                    .create(.persistentVolumeClaim, namespace: pod.namespace, json(name, volume, pod)), failure: text)
                continue
            }
            if known.controller?.uid != pod.uid {
                let text =
                    "ephemeral volume \(name): PVC \(known.key) was not created for pod \(pod.key) (pod is not owner)"
                decision.events.append(EventText(.warning, "FailedBinding", text))
            }
        }
        return decision
    }

    private static func json(_ name: String, _ volume: JSONValue, _ pod: APIObject) -> JSONValue {
        let template = volume["ephemeral"]?["volumeClaimTemplate"]
        let owner = OwnerReference(apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid)
        var metadata: JSONValue = ["name": .string(name), "ownerReferences": [owner.json]]
        for field in ["annotations", "labels"] { metadata[path: field] = template?["metadata"]?[field] }
        return [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
            "spec": template?["spec"] ?? .emptyObject,
        ]
    }
}
