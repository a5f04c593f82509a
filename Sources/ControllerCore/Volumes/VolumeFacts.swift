import KubeAPI
import KubeSchema

/// What controllers ask of PersistentVolumes and their claims.
extension APIObject {
    /// Of a PersistentVolume: for which claim it is kept.
    public var claimOfVolume: PersistentVolume.ClaimReference? {
        spec?["claimRef"].flatMap(PersistentVolume.ClaimReference.init(json:))
    }

    /// Of a PersistentVolumeClaim: the volume that it has or wants; nil without one.
    public var volumeOfClaim: String? {
        guard let name = spec?["volumeName"]?.string, !name.isEmpty else { return nil }
        return name
    }

    /// Of a PersistentVolumeClaim: the binder was done with it once.
    public var isBoundClaim: Bool { annotation(VolumeAnnotation.bindCompleted) != nil }

    /// status.phase
    var phase: String { status?["phase"]?.string ?? "" }

    /// With another phase and perhaps more in its status; nil when it is the same.
    func changing(phase: String, _ more: (inout JSONValue) -> Void = { _ in }) -> APIObject? {
        var status = status ?? .emptyObject
        status[path: "phase"] = .string(phase)
        more(&status)
        return changing(status: status)
    }
}
