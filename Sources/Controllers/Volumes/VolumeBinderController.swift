import ControllerCore
import KubeAPI
import KubeClient
import KubeSchema

/// Ties PersistentVolumeClaims and PersistentVolumes together, and asks provisioners for volumes that are not there.
public struct VolumeBinderController: Controller {
    public static let name = "persistentvolume-binder-controller"
    private let claims: ObjectLoop
    private let volumes: ObjectLoop

    public init(_ context: ControllerContext) {
        // One worker each: two claims would want the same volume.
        claims = ObjectLoop("persistentvolume-controller", .persistentVolumeClaim, context, workers: 1)
        volumes = ObjectLoop(Self.name, .persistentVolume, context, workers: 1)
        claims.also(.persistentVolume) { change in
            let kept = [change.old, change.new].compactMap { $0?.claimOfVolume?.key }
            guard let new = change.new, new.claimOfVolume == nil else { return kept }
            return kept + context.claimsWithoutVolume(ofClass: StorageClass.name(of: new.json))
        }
        claims.also(.storageClass) { context.claimsWithoutVolume(ofClass: $0.object.name) }
        volumes.also(.persistentVolumeClaim) { change in
            let named = [change.old, change.new].compactMap { $0?.volumeOfClaim }
            let kept = context[.persistentVolume].objects(Indexes.claim, "\(change.object.key)").map(\.name)
            return Set(named + kept).map { NamespacedName(namespace: "", name: $0) }
        }
    }

    public func run() async {
        let context = claims.context
        await withDiscardingTaskGroup { group in
            group.addTask {
                await claims.decide { ClaimBinding.decide($0, try await context.offer(for: $0)) }
            }
            group.addTask {
                await volumes.decide { volume in
                    VolumePhases.decide(volume, claim: try await context.claim(of: volume))
                }
            }
        }
    }
}

extension ControllerContext {
    fileprivate func claimsWithoutVolume(ofClass name: String) -> [NamespacedName] {
        self[.persistentVolumeClaim].objects(Indexes.storageClass, name).map(\.key)
    }

    fileprivate func offer(for claim: APIObject) async throws(ClientError) -> ClaimBinding.Offer {
        let volumes = self[.persistentVolume]
        let name = StorageClass.name(of: claim.json)
        let known = self[.storageClass][NamespacedName(namespace: "", name: name)]
        var offer = ClaimBinding.Offer(
            named: nil, kept: volumes.objects(Indexes.claim, "\(claim.key)"), free: [],
            storageClass: name.isEmpty
                ? .none : known.flatMap { try? StorageClass(json: $0.json) }.map { .known($0) } ?? .unknown)
        if let volume = claim.volumeOfClaim {
            let key = NamespacedName(namespace: "", name: volume)
            // A claim is lost only when the server says that its volume is gone.
            offer.named = claim.isBoundClaim ? try await find(.persistentVolume, key) : volumes[key]
        } else if !claim.isBoundClaim {
            offer.free = volumes.objects(Indexes.storageClass, name)
        }
        return offer
    }

    /// The claim that a volume is kept for; nil when the server says that there is none of that uid.
    fileprivate func claim(of volume: APIObject) async throws(ClientError) -> APIObject? {
        guard let reference = volume.claimOfVolume, !reference.uid.isEmpty else { return nil }
        let known = self[.persistentVolumeClaim][reference.key]
        if let known, known.uid == reference.uid { return known }
        let claim = try await live(.persistentVolumeClaim, reference.key)
        return claim?.uid == reference.uid ? claim : nil
    }
}
