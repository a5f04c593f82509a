import KubeAPI
import KubeSchema

@testable import SchedulerCore

/// A deliberately trivial scheduler: a list of nodes with their pods, every question answered by walking all of them.
struct ReferenceCluster {
    struct Node {
        var node: NodeDescription
        var pods: [Pod] = []
    }

    var nodes: [Node] = []
    var namespaces: [String: [String: String]] = [:]

    mutating func place(_ pod: Pod, on name: String) {
        remove(pod.key)
        if let index = nodes.firstIndex(where: { $0.node.name == name }) { nodes[index].pods.append(pod) }
    }

    mutating func remove(_ key: NamespacedName) {
        for index in nodes.indices { nodes[index].pods.removeAll { $0.key == key } }
    }

    /// The plugins that refuse the node.
    func refusing(_ pod: Pod, _ index: Int) -> Set<PluginName> {
        let node = nodes[index].node
        var refusing: Set<PluginName> = []
        let cordon = Taint(key: "node.kubernetes.io/unschedulable", effect: .noSchedule)
        if node.isUnschedulable, !pod.tolerations.tolerate(cordon) { refusing.insert(.nodeUnschedulable) }
        if node.taints.contains(where: { $0.effect != .preferNoSchedule && !pod.tolerations.tolerate($0) }) {
            refusing.insert(.taintToleration)
        }
        if !pod.nodeSelection.allows(node) { refusing.insert(.nodeAffinity) }
        let used = nodes[index].pods.reduce(Resources()) { $0 + $1.requests } + pod.requests
        let there = node.allocatable
        if pod.requests.milliCPU > 0 && used.milliCPU > there.milliCPU
            || pod.requests.memory > 0 && used.memory > there.memory
            || nodes[index].pods.count + 1 > there.pods
        {
            refusing.insert(.nodeResourcesFit)
        }
        if !spreads(pod, index) { refusing.insert(.podTopologySpread) }
        if !isNear(pod, index) || !isFar(pod, index) { refusing.insert(.interPodAffinity) }
        return refusing
    }

    private func matches(_ term: PodTerm, _ pod: Pod) -> Bool {
        let isInNamespace =
            term.namespaces.contains(pod.key.namespace)
            || term.namespaceSelector?.matches(namespaces[pod.key.namespace] ?? [:]) == true
        return isInNamespace && term.selector.matches(pod.labels)
    }

    /// The nodes of the domain in which the node stands; nil without the label.
    private func domain(_ key: String, _ index: Int) -> [Int]? {
        guard let value = nodes[index].node.labels[key] else { return nil }
        return nodes.indices.filter { nodes[$0].node.labels[key] == value }
    }

    private func spreads(_ pod: Pod, _ index: Int) -> Bool {
        let constraints = pod.spread.filter(\.isRequired)
        return constraints.allSatisfy { constraint in
            guard let own = nodes[index].node.labels[constraint.topologyKey] else { return false }
            var counts: [String: Int64] = [:]
            for other in nodes {
                guard constraints.allSatisfy({ other.node.labels[$0.topologyKey] != nil }),
                    !constraint.honorsNodeSelection || pod.nodeSelection.allows(other.node),
                    !constraint.honorsTaints || other.node.taints.firstUntolerated(by: pod.tolerations) == nil,
                    let value = other.node.labels[constraint.topologyKey]
                else { continue }
                counts[value, default: 0] +=
                    Int64(other.pods.filter { !$0.isTerminating && matches(constraint.pods, $0) }.count)
            }
            let minimum = Int64(counts.count) >= constraint.minDomains ? counts.values.min() ?? 0 : 0
            let itself: Int64 = matches(constraint.pods, pod) ? 1 : 0
            return (counts[own] ?? 0) + itself - minimum <= constraint.maxSkew
        }
    }

    private func isNear(_ pod: Pod, _ index: Int) -> Bool {
        let terms = pod.affinities.required
        guard !terms.isEmpty else { return true }
        func matchesAll(_ other: Pod) -> Bool { terms.allSatisfy { matches($0.pods, other) } }
        guard terms.allSatisfy({ domain($0.topologyKey, index) != nil }) else { return false }
        let isSatisfied = terms.allSatisfy { term in
            (domain(term.topologyKey, index) ?? []).contains { nodes[$0].pods.contains(where: matchesAll) }
        }
        let isFirst = !nodes.contains { node in
            terms.contains { node.node.labels[$0.topologyKey] != nil } && node.pods.contains(where: matchesAll)
        }
        return isSatisfied || isFirst && matchesAll(pod)
    }

    private func isFar(_ pod: Pod, _ index: Int) -> Bool {
        for term in pod.affinities.requiredAnti {
            for other in domain(term.topologyKey, index) ?? []
            where nodes[other].pods.contains(where: { matches(term.pods, $0) }) { return false }
        }
        for other in nodes.indices {
            for bearer in nodes[other].pods {
                for term in bearer.affinities.requiredAnti where matches(term.pods, pod) {
                    if domain(term.topologyKey, index)?.contains(other) == true { return false }
                }
            }
        }
        return true
    }

    // MARK: - Preemption

    /// Who would go from a node, by the same greed but with everything counted anew each time; nil when nothing helps.
    func victims(_ pod: Pod, _ index: Int, _ budgets: [DisruptionBudget]) -> Victims? {
        let lower = nodes[index].pods.filter { $0.priority < pod.priority }.sorted { $0.isMoreImportant(than: $1) }
        guard !lower.isEmpty else { return nil }
        var trial = self
        for victim in lower { trial.remove(victim.key) }
        guard trial.refusing(pod, index).isEmpty else { return nil }
        var left = Dictionary(uniqueKeysWithValues: budgets.map { ($0.key, $0.allowed) })
        var protected: Set<NamespacedName> = []
        for victim in lower {
            for budget in budgets where budget.protects(victim) {
                left[budget.key, default: 0] -= 1
                if left[budget.key, default: 0] < 0 { protected.insert(victim.key) }
            }
        }
        var gone: [Pod] = []
        for victim in lower.filter({ protected.contains($0.key) }) + lower.filter({ !protected.contains($0.key) }) {
            trial.nodes[index].pods.append(victim)
            if !trial.refusing(pod, index).isEmpty {
                trial.remove(victim.key)
                gone.append(victim)
            }
        }
        return Victims(
            node: nodes[index].node.name, pods: gone.sorted { $0.isMoreImportant(than: $1) },
            violations: gone.filter { protected.contains($0.key) }.count)
    }
}
