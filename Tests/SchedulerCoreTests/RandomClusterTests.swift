import KubeAPI
import Testing

@testable import SchedulerCore

/// Random clusters that change, against the trivial reference: same refusals on every node, same victims.
@Suite struct RandomClusterTests {
    private struct Dice {
        var state: SchedulingCursor

        mutating func roll(_ bound: Int) -> Int { state.random(below: bound) }
        mutating func chance(_ percent: Int) -> Bool { roll(100) < percent }
        mutating func pick(_ values: [String]) -> String { values[roll(values.count)] }
    }

    private static let apps = ["a", "b", "c"]
    private static let keys = ["zone", "kubernetes.io/hostname"]

    private func node(_ name: String, _ dice: inout Dice) throws -> NodeDescription {
        var labels: [String: String] = [:]
        if dice.chance(85) { labels["zone"] = "z\(dice.roll(3))" }
        if dice.chance(50) { labels["disk"] = dice.pick(["ssd", "hdd"]) }
        return try Make.node(
            name, cpu: "\(2 + dice.roll(4))", pods: "\(3 + dice.roll(6))", labels: labels,
            taints: dice.chance(15) ? [Make.taint("k", "v")] : [], unschedulable: dice.chance(5))
    }

    private func pod(_ name: String, _ dice: inout Dice) throws -> Pod {
        func labels(_ dice: inout Dice) -> [String: String] { ["app": dice.pick(Self.apps)] }
        var spec: JSONValue = .emptyObject
        if dice.chance(30) { spec[path: "tolerations"] = [["operator": "Exists"]] }
        if dice.chance(15) { spec[path: "nodeSelector"] = ["disk": .string(dice.pick(["ssd", "hdd"]))] }
        if dice.chance(35) {
            var constraint = Make.spread(
                labels(&dice), dice.pick(Self.keys), maxSkew: Int64(1 + dice.roll(2)),
                minDomains: dice.chance(20) ? 3 : nil)
            if dice.chance(30) { constraint[path: "nodeTaintsPolicy"] = "Honor" }
            if dice.chance(30) { constraint[path: "nodeAffinityPolicy"] = "Ignore" }
            let second = Make.spread(labels(&dice), "zone", maxSkew: 2)
            spec[path: "topologySpreadConstraints"] = .array(dice.chance(30) ? [constraint, second] : [constraint])
        }
        for kind in ["podAffinity", "podAntiAffinity"] where dice.chance(25) {
            var term = Make.affinityTerm(
                labels(&dice), dice.pick(Self.keys), namespaces: dice.chance(30) ? ["one", "two"] : [])
            if dice.chance(20) { term[path: "namespaceSelector"] = ["matchLabels": ["team": "x"]] }
            spec[path: "affinity", kind, Make.required] = [term]
        }
        return try Make.pod(
            name, namespace: dice.pick(["one", "two"]), cpu: dice.chance(80) ? "\(250 * (1 + dice.roll(6)))m" : nil,
            labels: labels(&dice), priority: Int64(dice.roll(4) * 10), spec: spec, created: Int64(dice.roll(1000)),
            terminating: dice.chance(5))
    }

    private func change(_ step: Int, _ cluster: inout Cluster, _ model: inout ReferenceCluster, _ dice: inout Dice)
        throws
    {
        switch dice.roll(12) {
        case 0:
            let name = "n\(dice.roll(10))"
            let new = try node(name, &dice)
            cluster.set(new)
            if let index = model.nodes.firstIndex(where: { $0.node.name == name }) {
                model.nodes[index].node = new
            } else {
                model.nodes.append(.init(node: new))
            }
        case 1 where model.nodes.count > 4:
            let gone = model.nodes.remove(at: dice.roll(model.nodes.count))
            for pod in gone.pods { cluster.remove(pod.key) }
            cluster.removeNode(gone.node.name)
        case 2:
            let labels = dice.chance(50) ? ["team": "x"] : [:]
            let name = dice.pick(["one", "two"])
            cluster.setNamespace(name, labels: labels)
            model.namespaces[name] = labels
        case 3, 4:
            guard let pod = model.nodes.flatMap(\.pods).min(by: { $0.created < $1.created }) else { return }
            cluster.remove(pod.key)
            model.remove(pod.key)
        default:
            let pod = try pod("p\(step)", &dice)
            guard !model.nodes.isEmpty else { return }
            // Mostly where it fits, sometimes anywhere.
            let fitting = model.nodes.indices.filter { model.refusing(pod, $0).isEmpty }
            let index = fitting.first ?? dice.roll(model.nodes.count)
            guard !fitting.isEmpty || dice.chance(20) else { return }
            cluster.place(pod, on: model.nodes[index].node.name)
            model.place(pod, on: model.nodes[index].node.name)
        }
    }

    @Test(arguments: 0..<30 as Range<UInt64>) func decisionsAgree(seed: UInt64) throws {
        var dice = Dice(state: SchedulingCursor(seed: seed))
        var (cluster, model) = (Cluster(), ReferenceCluster())
        for number in 0..<6 {
            let node = try node("n\(number)", &dice)
            cluster.set(node)
            model.nodes.append(.init(node: node))
        }
        for step in 0..<60 {
            try change(step, &cluster, &model, &dice)
            let pod = try pod("candidate", &dice)
            let explanation = cluster.decide(pod, isThorough: true).explanation
            let found = Dictionary(
                uniqueKeysWithValues: explanation.refused.map { ($0.node, Set($0.refusals.map(\.plugin))) })
            for index in model.nodes.indices {
                let expected = model.refusing(pod, index)
                let name = model.nodes[index].node.name
                #expect((found[name] ?? []) == expected, "seed \(seed), step \(step), \(name)")
            }
        }
    }

    @Test func victimsAgree() throws {
        let evictions = try (100..<130).reduce(0) { try $0 + comparePreemptions(seed: $1) }
        #expect(evictions > 50)
    }

    /// How many were planned.
    private func comparePreemptions(seed: UInt64) throws -> Int {
        var dice = Dice(state: SchedulingCursor(seed: seed))
        var (cluster, model) = (Cluster(), ReferenceCluster())
        for number in 0..<5 {
            let node = try node("n\(number)", &dice)
            cluster.set(node)
            model.nodes.append(.init(node: node))
        }
        let budgets = try [("x", "a"), ("y", "b")].map { name, app in
            let budget = try Make.budget(name, ["app": app], allowed: Int64(dice.roll(2)))
            cluster.budgets[budget.key] = budget
            return budget
        }
        var evictions = 0
        for step in 0..<60 {
            try change(step, &cluster, &model, &dice)
            let pod = try pod("candidate", &dice)
            let decision = cluster.decide(pod)
            guard decision.diagnosis != nil else { continue }
            var cursor = SchedulingCursor(seed: seed)
            let plan = cluster.planPreemption(for: pod, after: decision, profile: Profile(), cursor: &cursor)
            let candidates = decision.resolvable.map { cluster.nodes[$0].name }
            let expected = model.nodes.indices.filter { candidates.contains(model.nodes[$0].node.name) }
                .compactMap { model.victims(pod, $0, budgets) }
            switch plan {
            case .decline: #expect(expected.isEmpty, "seed \(seed), step \(step)")
            case .evict(let victims):
                evictions += 1
                let same = expected.first { $0.node == victims.node }
                #expect(same?.pods.map(\.key) == victims.pods.map(\.key), "seed \(seed), step \(step)")
                #expect(same?.violations == victims.violations)
                #expect(!expected.contains { $0.isBetter(than: victims) }, "seed \(seed), step \(step)")
                #expect(victims.pods.allSatisfy { $0.priority < pod.priority })
            }
        }
        return evictions
    }
}
