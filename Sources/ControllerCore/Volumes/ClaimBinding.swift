import KubeAPI
import KubeSchema

/// The binder's look at one PersistentVolumeClaim (upstream's persistentvolume-controller):
///
///     no volume ──a volume suits──▶ the volume is kept for the claim ──▶ the claim names it ──▶ Bound
///         │ WaitForFirstConsumer: not before the scheduler keeps one or selects a node
///         │ nothing suits: a provisioner is asked, or it waits
///     Bound ──the volume is gone or another's──▶ Lost
///
/// One write a time; the change that it makes leads to the next look.
public struct ClaimBinding {
    private let claim: APIObject
    private let wish: PersistentVolumeClaim
    private static let kind = APIKind.persistentVolumeClaim

    /// What the claim's class says of it.
    public enum Class {
        /// The claim names none.
        case none
        case unknown
        case known(StorageClass)
    }

    /// What there is for the claim.
    public struct Offer {
        /// The volume that spec.volumeName names.
        public var named: APIObject?
        /// Volumes that are kept for the claim.
        public var kept: [APIObject]
        /// Volumes of the claim's class that nobody has.
        public var free: [APIObject]
        public var storageClass: Class

        public init(named: APIObject?, kept: [APIObject], free: [APIObject], storageClass: Class) {
            self.named = named
            self.kept = kept
            self.free = free
            self.storageClass = storageClass
        }
    }

    /// Nothing when the claim cannot be read.
    public static func decide(_ claim: APIObject, _ offer: Offer) -> Decision {
        guard let wish = try? PersistentVolumeClaim(json: claim.json) else { return Decision() }
        let binding = ClaimBinding(claim: claim, wish: wish)
        if claim.isBoundClaim { return binding.keep(offer.named) }
        guard !claim.isBeingDeleted else { return Decision() }
        return claim.volumeOfClaim == nil ? binding.choose(offer) : binding.take(offer.named)
    }

    // MARK: - A claim without volume

    private func choose(_ offer: Offer) -> Decision {
        let waits = if case .known(let its) = offer.storageClass { its.waitsForConsumer } else { false }
        let isDelayed = waits && wish.selectedNode.isEmpty
        let known = (offer.kept + (isDelayed ? [] : offer.free)).map { object in
            (object, try? PersistentVolume(json: object.json))
        }
        if let best = VolumeMatch.candidates(for: wish, among: known.compactMap(\.1)).first,
            let object = known.first(where: { $0.0.name == best.name })?.0
        {
            return bind(object, best)
        }
        if isDelayed {
            return Decision(events: [
                EventText("WaitForFirstConsumer", "waiting for first consumer to be created before binding")
            ])
        }
        return provision(offer.storageClass)
    }

    private func provision(_ storageClass: Class) -> Decision {
        switch storageClass {
        case .none:
            return Decision(events: [
                EventText("FailedBinding", "no persistent volumes available for this claim and no storage class is set")
            ])
        case .unknown:
            let text = "storageclass.storage.k8s.io \"\(wish.storageClass)\" not found"
            return Decision(events: [EventText(.warning, "ProvisioningFailed", text)])
        case .known(let its) where !its.provisions:
            let text = "no volume plugin matched name: \(its.provisioner)"
            return Decision(events: [EventText(.warning, "ProvisioningFailed", text)])
        case .known(let its): return ask(its.provisioner)
        }
    }

    private func ask(_ provisioner: String) -> Decision {
        var asking = claim
        for key in [VolumeAnnotation.provisioner, VolumeAnnotation.betaProvisioner] {
            asking[path: "metadata", "annotations", key] = .string(provisioner)
        }
        let text = EventText(
            "ExternalProvisioning",
            "Waiting for a volume to be created either by the external provisioner '\(provisioner)' or manually by the "
                + "system administrator. If volume creation is delayed, please verify that the provisioner is running "
                + "and correctly registered.")
        return Decision(asking == claim ? [] : [Action(.update(Self.kind, asking))], events: [text])
    }

    // MARK: - A claim that names its volume

    private func take(_ object: APIObject?) -> Decision {
        guard let object, let volume = try? PersistentVolume(json: object.json) else { return Decision() }
        if volume.isKept(for: wish) { return bind(object, volume) }
        guard volume.claim == nil else {
            let text = "volume \"\(volume.name)\" already bound to a different claim."
            return Decision(events: [EventText(.warning, "FailedBinding", text)])
        }
        if let mismatch = VolumeMatch.mismatch(wish, volume) {
            let text = "Cannot bind to requested volume \"\(volume.name)\": \(mismatch.rawValue)"
            return Decision(events: [EventText(.warning, "VolumeMismatch", text)])
        }
        return bind(object, volume)
    }

    /// First the volume, so that nobody else takes it, then the claim.
    private func bind(_ object: APIObject, _ volume: PersistentVolume) -> Decision {
        guard volume.claim?.uid == wish.uid else {
            return Decision([Action(.update(.persistentVolume, keeping(object, volume)))])
        }
        var bound = claim
        if claim.volumeOfClaim == nil {
            bound[path: "spec", "volumeName"] = .string(volume.name)
            bound[path: "metadata", "annotations", VolumeAnnotation.boundByController] = "yes"
        }
        bound[path: "metadata", "annotations", VolumeAnnotation.bindCompleted] = "yes"
        return Decision([Action(.update(Self.kind, bound))])
    }

    private func keeping(_ object: APIObject, _ volume: PersistentVolume) -> APIObject {
        var kept = object
        kept[path: "spec", "claimRef"] = [
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.namespace),
            "name": .string(claim.name), "uid": .string(claim.uid),
            "resourceVersion": .string(claim.resourceVersion),
        ]
        if !volume.isKept(for: wish) {
            kept[path: "metadata", "annotations", VolumeAnnotation.boundByController] = "yes"
        }
        return kept
    }

    // MARK: - A claim that was bound

    /// - Parameter object: the volume; nil only when the server says that it is gone.
    private func keep(_ object: APIObject?) -> Decision {
        guard claim.volumeOfClaim != nil else {
            return lose(
                "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
        }
        guard let object, let volume = try? PersistentVolume(json: object.json) else {
            return lose("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
        }
        guard let reference = volume.claim else {
            return Decision([Action(.update(.persistentVolume, keeping(object, volume)))])
        }
        guard reference.uid == claim.uid else {
            return lose(
                "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")
        }
        let isNew = claim.phase != "Bound"
        let bound = claim.changing(phase: "Bound") { status in
            status[path: "accessModes"] = object.spec?["accessModes"]
            // A claim that was resized says itself how large it is.
            if isNew { status[path: "capacity"] = object.spec?["capacity"] }
        }
        return Decision(bound.map { [Action(.updateStatus(Self.kind, $0))] } ?? [])
    }

    private func lose(_ reason: String, _ note: String) -> Decision {
        guard claim.phase != "Lost" else { return Decision() }
        let lost = claim.changing(phase: "Lost") { status in
            status[path: "accessModes"] = nil
            status[path: "capacity"] = nil
        }
        let text = EventText(.warning, reason, note)
        return Decision(lost.map { [Action(.updateStatus(Self.kind, $0), success: text)] } ?? [])
    }
}
