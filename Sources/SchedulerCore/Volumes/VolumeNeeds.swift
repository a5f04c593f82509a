import KubeAPI
import KubeSchema

/// What the volumes of one pod ask of its node, found out before any node is looked at.
struct VolumeNeeds: Sendable {
    /// A claim that gets its volume with the pod's node (WaitForFirstConsumer).
    fileprivate struct OpenClaim: Sendable {
        let claim: PersistentVolumeClaim
        let storageClass: StorageClass
        /// The best first.
        let candidates: [PersistentVolume]
        /// A provisioner has been asked for a volume at this node; empty when not.
        let selectedNode: String
    }

    enum Verdict {
        case fits(VolumePlan)
        /// Upstream's texts.
        case refused([String])
    }

    struct Refusal: Error {
        let reason: String
    }

    /// Of volumes that are bound.
    private var bound: [NodeSelector] = []
    private var lacksVolume = false
    /// The smallest request first, so that it leaves the larger volumes to the others.
    private var open: [OpenClaim] = []

    /// Whether any node will do, and nothing need be written.
    var isEmpty: Bool { bound.isEmpty && !lacksVolume && open.isEmpty }

    /// Refuses what no node can mend.
    init(_ pod: Pod, _ catalogue: VolumeCatalogue) throws(Refusal) {
        var claims: [PersistentVolumeClaim] = []
        for wanted in pod.claims { claims.append(try Self.claim(wanted, of: pod, catalogue)) }
        for claim in claims {
            if claim.isBound {
                guard let volume = catalogue.volumes[claim.volumeName] else {
                    lacksVolume = true
                    continue
                }
                if let nodes = volume.nodes { bound.append(nodes) }
            } else if claim.volumeName.isEmpty, let storageClass = catalogue.classes[claim.storageClass],
                storageClass.waitsForConsumer
            {
                open.append(
                    OpenClaim(
                        claim: claim, storageClass: storageClass, candidates: catalogue.candidates(for: claim),
                        selectedNode: catalogue.selectedNode(of: claim)))
            } else {
                throw Refusal(reason: "pod has unbound immediate PersistentVolumeClaims")
            }
        }
        open.sort { a, b in
            a.claim.request != b.claim.request ? a.claim.request < b.claim.request : a.claim.key < b.claim.key
        }
    }

    private static func claim(
        _ wanted: Pod.Claim, of pod: Pod, _ catalogue: VolumeCatalogue
    ) throws(Refusal) -> PersistentVolumeClaim {
        let (namespace, name) = (pod.key.namespace, wanted.name)
        guard let claim = catalogue.claims[NamespacedName(namespace: namespace, name: name)] else {
            let text = "persistentvolumeclaim \"\(name)\""
            throw Refusal(
                reason: wanted.isEphemeral
                    ? "waiting for ephemeral volume controller to create the \(text)" : "\(text) not found")
        }
        if claim.isLost {
            throw Refusal(
                reason: "persistentvolumeclaim \"\(name)\" bound to non-existent persistentvolume "
                    + "\"\(claim.volumeName)\"")
        }
        if claim.isTerminating { throw Refusal(reason: "persistentvolumeclaim \"\(name)\" is being deleted") }
        if wanted.isEphemeral, claim.controller != pod.uid {
            throw Refusal(
                reason: "PVC \(claim.key) was not created for pod \(pod.key) (pod is not owner)")
        }
        return claim
    }

    func verdict(of node: NodeDescription) -> Verdict {
        var reasons: [String] = []
        if !bound.allSatisfy({ $0.matches(node) }) {
            reasons.append("node(s) didn't match PersistentVolume's node affinity")
        }
        if lacksVolume {
            reasons.append("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")
        }
        guard let plan = plan(for: node) else {
            return .refused(reasons + ["node(s) didn't find available persistent volumes to bind"])
        }
        return reasons.isEmpty ? .fits(plan) : .refused(reasons)
    }

    /// nil when a claim can have no volume that the node reaches.
    private func plan(for node: NodeDescription) -> VolumePlan? {
        var plan = VolumePlan()
        var taken: Set<String> = []
        for need in open {
            guard need.selectedNode.isEmpty || need.selectedNode == node.name else { return nil }
            let volume = need.selectedNode.isEmpty ? need.volume(for: node, except: taken) : nil
            if let volume {
                taken.insert(volume.name)
                plan.matches.append(.init(claim: need.claim, volume: volume))
            } else if need.storageClass.provisions, need.storageClass.allows(nodeLabels: node.labels) {
                plan.provisions.append(need.claim)
            } else {
                return nil
            }
        }
        return plan
    }
}

extension VolumeNeeds.OpenClaim {
    fileprivate func volume(for node: NodeDescription, except taken: Set<String>) -> PersistentVolume? {
        candidates.first { !taken.contains($0.name) && ($0.nodes?.matches(node) ?? true) }
    }
}
