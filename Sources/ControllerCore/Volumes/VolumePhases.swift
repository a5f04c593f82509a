import KubeAPI
import KubeSchema

/// The binder's look at one PersistentVolume:
///
///     Available ──claim──▶ Bound ──the claim is gone──▶ Released ──reclaimPolicy Delete, by nobody──▶ Failed
public enum VolumePhases {
    private static let kind = APIKind.persistentVolume

    /// - Parameter claim: the one that the volume is kept for; nil when the server says that it is gone, or that another
    ///   has its name.
    public static func decide(_ volume: APIObject, claim: APIObject?) -> Decision {
        guard let reference = volume.claimOfVolume, !reference.uid.isEmpty else { return set(volume, "Available") }
        guard let claim else { return release(volume) }
        switch claim.volumeOfClaim {
        // The claim's own look comes first.
        case nil: return Decision()
        case volume.name?: return set(volume, "Bound")
        case _?:
            let isDisposable =
                volume.annotation(VolumeAnnotation.provisionedBy) != nil && reclaimPolicy(volume) == "Delete"
            return isDisposable ? release(volume) : untie(volume)
        }
    }

    /// The claim has another volume: what the binder tied together is free again, what a user keeps by name is kept.
    private static func untie(_ volume: APIObject) -> Decision {
        var free = volume
        if volume.annotation(VolumeAnnotation.boundByController) != nil {
            free[path: "spec", "claimRef"] = nil
            free[path: "metadata", "annotations", VolumeAnnotation.boundByController] = nil
        } else {
            free[path: "spec", "claimRef", "uid"] = nil
            free[path: "spec", "claimRef", "resourceVersion"] = nil
        }
        return Decision([Action(.update(kind, free))])
    }

    private static func release(_ volume: APIObject) -> Decision {
        guard volume.phase == "Released" else {
            return volume.phase == "Failed" ? Decision() : set(volume, "Released")
        }
        switch reclaimPolicy(volume) {
        // Its provisioner deletes it.
        case "Delete" where volume.annotation(VolumeAnnotation.provisionedBy) != nil: return Decision()
        case "Delete":
            return fail(
                volume, "VolumeFailedDelete",
                "error getting deleter volume plugin for volume \"\(volume.name)\": no deletable volume plugin matched")
        case "Recycle": return fail(volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!")
        default: return Decision()
        }
    }

    private static func fail(_ volume: APIObject, _ reason: String, _ note: String) -> Decision {
        let failed = volume.changing(phase: "Failed") { $0[path: "message"] = .string(note) }
        let text = EventText(.warning, reason, note)
        return Decision(failed.map { [Action(.updateStatus(kind, $0), success: text)] } ?? [])
    }

    private static func reclaimPolicy(_ volume: APIObject) -> String {
        volume.spec?["persistentVolumeReclaimPolicy"]?.string ?? "Retain"
    }

    private static func set(_ volume: APIObject, _ phase: String) -> Decision {
        let changed = volume.changing(phase: phase) { $0[path: "message"] = nil }
        return Decision(changed.map { [Action(.updateStatus(kind, $0))] } ?? [])
    }
}
