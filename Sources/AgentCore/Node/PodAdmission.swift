import KubeAPI
import SchedulerCore

/// Whether a pod that is bound to this node is taken up. Words and order are kubelet's (pkg/kubelet/lifecycle/predicate.go).
public struct PodAdmission: Sendable {
    public enum Verdict: Sendable, Hashable {
        /// - Parameter preempting: uids of pods that end for it.
        case admitted(preempting: [String])
        case rejected(PodRejection)
    }

    private let sysctls: SysctlPolicy

    public init(sysctls: SysctlPolicy) { self.sysctls = sysctls }

    /// - Parameters:
    ///   - node: core/v1 Node.
    ///   - others: the pods that the node has taken up and that have not ended.
    public func verdict(on pod: PodDeclaration, node: JSONValue, others: [PodDemand]) -> Verdict {
        do throws(PodRejection) {
            if let rejection = sysctls.rejection(of: pod) { throw rejection }
            try checkSystem(pod, node)
            let victims = try room(for: PodDemand(pod), node, others)
            try checkAppArmor(pod)
            return .admitted(preempting: victims)
        } catch {
            return .rejected(error)
        }
    }

    // MARK: - Operating system

    private func checkSystem(_ pod: PodDeclaration, _ node: JSONValue) throws(PodRejection) {
        let label = "kubernetes.io/os"
        let wanted = pod.object.spec?["nodeSelector"]?[label]
        if let wanted, wanted != node["metadata"]?["labels"]?[label] {
            throw PodRejection(
                "PodOSSelectorNodeLabelDoesNotMatch",
                "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label")
        }
        guard ["linux", nil].contains(pod.object.spec?["os"]?["name"]?.string) else {
            throw PodRejection("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS")
        }
    }

    /// Profiles are not loaded into the kernel here, and a container must not run without the one that it names.
    private func checkAppArmor(_ pod: PodDeclaration) throws(PodRejection) {
        let own = pod.securityContext?["appArmorProfile"]
        let types = pod.containers.map { ($0.securityContext?["appArmorProfile"] ?? own)?["type"]?.string }
        guard types.allSatisfy({ $0 == nil || $0 == "Unconfined" }) else {
            throw PodRejection("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host")
        }
    }

    // MARK: - Room

    /// Uids of pods that must end for it.
    private func room(
        for demand: PodDemand, _ node: JSONValue, _ others: [PodDemand]
    ) throws(PodRejection) -> [String] {
        guard let pod = demand.pod, let description = try? NodeDescription(json: node) else { return [] }
        func obstacles(_ others: [PodDemand]) -> [NodeAdmission.Obstacle] {
            NodeAdmission(description, others: others.compactMap(\.pod)).obstacles(for: pod, isStatic: demand.isStatic)
        }
        let found = obstacles(others)
        guard let first = found.first else { return [] }
        guard demand.isCritical, found.allSatisfy(\.isLack) else { throw Self.rejection(first) }
        var victims = others.filter { $0.isPreemptable(by: demand) }.sorted(by: Self.goesFirst)
        func fits(without victims: [PodDemand]) -> Bool {
            let gone = Set(victims.map(\.uid))
            return obstacles(others.filter { !gone.contains($0.uid) }).isEmpty
        }
        guard fits(without: victims) else { throw Self.rejection(first) }
        // Those that would go last stay if they can.
        for victim in victims.reversed() {
            let fewer = victims.filter { $0.uid != victim.uid }
            if fits(without: fewer) { victims = fewer }
        }
        return victims.map(\.uid)
    }

    private static func goesFirst(_ a: PodDemand, _ b: PodDemand) -> Bool {
        let order: [QualityOfService: Int] = [.bestEffort: 0, .burstable: 1, .guaranteed: 2]
        let (left, right) = (order[a.quality] ?? 0, order[b.quality] ?? 0)
        if left != right { return left < right }
        let (mine, theirs) = (a.pod?.priority ?? 0, b.pod?.priority ?? 0)
        return mine != theirs ? mine < theirs : a.startedAt > b.startedAt
    }

    private static func rejection(_ obstacle: NodeAdmission.Obstacle) -> PodRejection {
        switch obstacle {
        case .lack(let lack):
            PodRejection(
                "OutOf\(lack.resource)",
                "Node didn't have enough resource: \(lack.resource), requested: \(lack.requested), used: \(lack.used), "
                    + "capacity: \(lack.capacity)")
        case .refusal(let plugin, let reason):
            PodRejection(plugin.rawValue, "Predicate \(plugin.rawValue) failed: \(reason)")
        }
    }
}

extension NodeAdmission.Obstacle {
    fileprivate var isLack: Bool { if case .lack = self { true } else { false } }
}
