import KubeAPI
import KubeSchema

/// A pod that has a node and waits until its volumes are bound.
struct VolumeWait: Sendable {
    enum Outcome: Equatable {
        case done
        /// Why the pod must look for a node again.
        case failed(String)
    }

    let binding: SchedulingMachine.Binding
    /// Nanoseconds of the machine's clock.
    let deadline: Int64
    /// The server has taken what the plan asks for.
    var isWritten = false
    /// nil while it waits.
    var outcome: Outcome?
    /// What has been seen as it was written, so that it is noticed when it is taken back. Views of the cluster may be
    /// older than what was written.
    private var seenClaims: Set<NamespacedName> = []
    private var seenVolumes: Set<String> = []

    init(_ binding: SchedulingMachine.Binding, deadline: Int64) {
        self.binding = binding
        self.deadline = deadline
    }

    /// - Parameter node: the one that the pod goes to; nil when it is gone.
    mutating func look(at catalogue: VolumeCatalogue, node: NodeDescription?) {
        guard isWritten, outcome == nil else { return }
        var isDone = true
        for planned in binding.volumes.claims {
            guard let claim = catalogue.claims[planned.key], claim.uid == planned.uid, !claim.isLost else {
                outcome = .failed("persistentvolumeclaim \"\(planned.key.name)\" is gone")
                return
            }
            // The volume may be heard of later than that the claim has it.
            guard claim.isBound, let volume = catalogue.volumes[claim.volumeName] else {
                isDone = false
                continue
            }
            if let nodes = volume.nodes, let node, !nodes.matches(node) {
                outcome = .failed("pv \"\(volume.name)\" node affinity doesn't match node \"\(node.name)\"")
                return
            }
        }
        outcome = isDone ? .done : withdrawal(catalogue).map { .failed($0) }
    }

    /// What was written and is no longer there.
    private mutating func withdrawal(_ catalogue: VolumeCatalogue) -> String? {
        for match in binding.volumes.matches {
            if catalogue.volumes[match.volume.name]?.isKept(for: match.claim) == true {
                seenVolumes.insert(match.volume.name)
            } else if seenVolumes.contains(match.volume.name) {
                return "ClaimRef got reset for pv \"\(match.volume.name)\""
            }
        }
        for claim in binding.volumes.provisions {
            guard let known = catalogue.claims[claim.key], !known.isBound else { continue }
            if known.selectedNode == binding.node {
                seenClaims.insert(claim.key)
            } else if seenClaims.contains(claim.key) {
                return "selectedNode annotation reset for PVC \"\(claim.key.name)\""
            }
        }
        return nil
    }
}
