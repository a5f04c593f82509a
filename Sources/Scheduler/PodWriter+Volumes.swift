import KubeAPI
import KubeClient
import KubeSchema
import SchedulerCore

/// Volumes that are bound with their pod.
extension PodWriter {
    /// Keeps the plan's volumes for their claims, and says to provisioners where volumes are wanted. False when the
    /// server did not take it all; what it took is found again by the next try.
    func prepareVolumes(_ binding: SchedulingMachine.Binding) async -> Bool {
        do {
            for match in binding.volumes.matches where match.volume.claim?.uid != match.claim.uid {
                try await client.patch(
                    .persistentVolumes, NamespacedName(namespace: "", name: match.volume.name), .merge,
                    Self.keeping(match))
            }
            for claim in binding.volumes.provisions where claim.selectedNode != binding.node {
                try await client.patch(
                    .persistentVolumeClaims, claim.key, .merge, Self.selecting(binding.node, for: claim))
            }
            return true
        } catch {
            guard !Task.isCancelled else { return false }
            tellOfVolumes(binding.pod, "\(error)")
            return false
        }
    }

    /// Why a pod's volumes could not be bound, in kube-scheduler's frame.
    func tellOfVolumes(_ pod: Pod, _ reason: String) {
        logger.warning("volumes not bound", metadata: ["pod": "\(pod.key)", "error": "\(reason)"])
        report(
            .warning, "FailedScheduling", "Scheduling",
            "running PreBind plugin \"VolumeBinding\": binding volumes: \(reason)", about: pod, by: pod)
    }

    /// Both patches hold only for the object as it was read.
    private static func keeping(_ match: VolumePlan.Match) -> JSONValue {
        let (claim, volume) = (match.claim, match.volume)
        var metadata = identity(volume.uid, volume.resourceVersion)
        // What a user keeps for the claim stays the user's.
        if volume.claim == nil { metadata[path: "annotations"] = [VolumeAnnotation.boundByController: "yes"] }
        return [
            "metadata": metadata,
            "spec": [
                "claimRef": [
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.key.namespace),
                    "name": .string(claim.key.name), "uid": .string(claim.uid),
                    "resourceVersion": .string(claim.resourceVersion),
                ]
            ],
        ]
    }

    private static func selecting(_ node: String, for claim: PersistentVolumeClaim) -> JSONValue {
        var metadata = identity(claim.uid, claim.resourceVersion)
        metadata[path: "annotations"] = [VolumeAnnotation.selectedNode: .string(node)]
        return ["metadata": metadata]
    }

    private static func identity(_ uid: String, _ resourceVersion: String) -> JSONValue {
        ["uid": .string(uid), "resourceVersion": .string(resourceVersion)]
    }
}
