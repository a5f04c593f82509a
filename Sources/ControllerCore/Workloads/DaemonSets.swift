import KubeAPI

/// DaemonSets: one pod on each node that it belongs on.
public enum DaemonSets {
    public struct Plan: Sendable, Hashable {
        /// Revisions, before anything else.
        public var revisions: [Action] = []
        public var creations: [Action] = []
        public var deletions: [Action] = []
        public var deletedUIDs: [String] = []
        public var status = Decision()
    }

    /// - Parameters:
    ///   - pods: those the set owns.
    ///   - revisions: ControllerRevisions it owns.
    ///   - failures: of the set's pods so far; those that are replaced now are noted.
    public static func decide(
        _ set: APIObject, nodes: [APIObject], pods: [APIObject], revisions: [APIObject],
        failures: inout DaemonFailures, isSettled: Bool, now: Int64
    ) -> Plan {
        failures.begin(set, nodes: nodes)
        var round = DaemonRound(set, nodes: nodes, pods: pods, revisions: revisions, failures: failures, now: now)
        defer { failures = round.failures }
        guard !set.isBeingDeleted else { return round.plan }
        round.keepRevisions()
        if isSettled {
            round.place()
            if set.spec?["updateStrategy"]?["type"]?.string != "OnDelete" { round.roll() }
        }
        round.report()
        return round.plan
    }
}

private struct DaemonRound {
    let set: APIObject
    let nodes: [APIObject]
    let now: Int64
    let revisions: Revisions
    let verdicts: [String: NodeFit.Verdict]
    /// By the node they are on or meant for.
    let byNode: [String: [APIObject]]
    var failures: DaemonFailures
    var plan = DaemonSets.Plan()

    init(
        _ set: APIObject, nodes: [APIObject], pods: [APIObject], revisions: [APIObject], failures: DaemonFailures,
        now: Int64
    ) {
        self.set = set
        self.failures = failures
        self.nodes = nodes.sorted { $0.name < $1.name }
        self.now = now
        self.revisions = Revisions(set, .daemonSet, known: revisions)
        let spec = set.spec?["template"]?["spec"]
        let fit = NodeFit(spec)
        verdicts = Dictionary(nodes.map { ($0.name, fit.judge($0)) }) { $1 }
        byNode = Dictionary(grouping: pods) { NodeFit.target($0) }
    }

    private var minReadySeconds: Int64 { max(0, set.spec?["minReadySeconds"]?.integer ?? 0) }

    private func isUpdated(_ pod: APIObject) -> Bool { pod.label(Revisions.label) == revisions.hash }

    private func isAvailable(_ pod: APIObject) -> Bool {
        pod.isAvailablePod(minReadySeconds: minReadySeconds, now: now)
    }

    mutating func keepRevisions() {
        let hashes = Set(byNode.values.flatMap { $0 }.compactMap { $0.label(Revisions.label) })
        plan.revisions = revisions.writes(inUse: Set(hashes.map { "\(set.name)-\($0)" })).map { Action($0) }
    }

    // MARK: - Where pods belong

    mutating func place() {
        for node in nodes {
            let pods = byNode[node.name] ?? []
            let verdict = verdicts[node.name] ?? .init(shouldRun: false, shouldContinue: false)
            let failed = pods.filter { $0.podPhase == "Failed" && !$0.isBeingDeleted }
            replace(failed, on: node.name, shouldContinue: verdict.shouldContinue)
            let ended = pods.filter { $0.podPhase == "Succeeded" && !$0.isBeingDeleted }
            for pod in ended {
                delete(
                    pod,
                    because: EventText(
                        "SucceededDaemonPod",
                        "Found succeeded daemon pod \(pod.key) on node \(node.name), will try to delete it"))
            }
            let running = pods.filter(\.isActivePod)
            if !verdict.shouldContinue {
                for pod in running { delete(pod) }
            } else if running.isEmpty {
                // One that is ending is waited for.
                if verdict.shouldRun, failed.isEmpty, ended.isEmpty, !pods.contains(where: \.isBeingDeleted) {
                    create(on: node.name)
                }
            } else {
                removeTwins(running)
            }
        }
        // Of nodes that are no more.
        for (name, pods) in byNode where !name.isEmpty && verdicts[name] == nil {
            for pod in pods where pod.isActivePod && pod.nodeName.isEmpty { delete(pod) }
        }
    }

    /// Failed pods go, so that others take their place; where they fail again and again, only after a while.
    private mutating func replace(_ failed: [APIObject], on node: String, shouldContinue: Bool) {
        guard !failed.isEmpty else { return }
        if shouldContinue {
            if let wait = failures.wait(on: node, now: now) { return plan.status.look(after: wait) }
            failures.note(on: node, now: now)
        }
        for pod in failed {
            delete(
                pod,
                because: EventText(
                    .warning, "FailedDaemonPod",
                    "Found failed daemon pod \(pod.key) on node \(node), will try to kill it"))
        }
    }

    /// During a surge there may be one of each template; otherwise the oldest stays.
    private mutating func removeTwins(_ running: [APIObject]) {
        for group in [running.filter(isUpdated), running.filter { !isUpdated($0) }] where group.count > 1 {
            let sorted = group.sorted { a, b in
                if a.isReadyPod != b.isReadyPod { return a.isReadyPod }
                return (a.creationTimestamp, a.name) < (b.creationTimestamp, b.name)
            }
            for pod in sorted.dropFirst() { delete(pod) }
        }
        if surge == 0, let new = running.first(where: isUpdated), running.contains(where: { !isUpdated($0) }) {
            delete(new)
        }
    }

    private mutating func create(on node: String) {
        guard plan.creations.count < ReplicaSets.burst else { return }
        let template = NodeFit.bound(set.spec?["template"], to: node)
        var pod = PodTemplate.pod(template, owner: set, .daemonSet)
        pod[path: "metadata", "labels", Revisions.label] = .string(revisions.hash)
        plan.creations.append(
            Action(
                .create(.pod, namespace: set.namespace, pod),
                success: EventText("SuccessfulCreate", "Created pod: {name}"),
                failure: EventText(.warning, "FailedCreate", "Error creating: {error}")))
    }

    private mutating func delete(_ pod: APIObject, because event: EventText? = nil) {
        guard !plan.deletedUIDs.contains(pod.uid) else { return }
        if let event { plan.status.events.append(event) }
        plan.deletions.append(
            Action(.delete(.pod, pod), success: EventText("SuccessfulDelete", "Deleted pod: {name}")))
        plan.deletedUIDs.append(pod.uid)
    }

    // MARK: - Rolling update

    private var wantedNodes: [String] { nodes.map(\.name).filter { verdicts[$0]?.shouldRun == true } }

    private func rollingLimit(_ field: String, _ standard: JSONValue) -> Int {
        let value = set.spec?["updateStrategy"]?["rollingUpdate"]?[field] ?? standard
        return Int(clamping: IntOrPercent.scaled(value, of: Int64(wantedNodes.count), roundingUp: true) ?? 0)
    }

    private var surge: Int { rollingLimit("maxSurge", 0) }

    /// Old pods that are not available go at once; available ones as many as may be missed. With surge, the old one goes
    /// when the new one is available.
    mutating func roll() {
        let surge = surge
        var budget = max(surge > 0 ? 0 : 1, rollingLimit("maxUnavailable", 1))
        var candidates: [APIObject] = []
        var room = surge
        for name in wantedNodes {
            let pods = (byNode[name] ?? []).filter { !$0.hasFinished }
            let running = pods.filter(\.isActivePod)
            let old = running.filter { !isUpdated($0) }
            let new = running.filter(isUpdated)
            let hasAvailable = running.contains(where: isAvailable)
            guard surge > 0 else {
                if !hasAvailable { budget -= 1 }
                for pod in old where !plan.deletedUIDs.contains(pod.uid) {
                    if isAvailable(pod) { candidates.append(pod) } else { delete(pod) }
                }
                continue
            }
            guard !old.isEmpty else { continue }
            if new.contains(where: isAvailable) || !new.isEmpty && !old.contains(where: \.isReadyPod) {
                for pod in old { delete(pod) }
            } else if pods.contains(where: isUpdated) {
                room -= 1
            } else if hasAvailable {
                candidates += old
            } else {
                // Nobody misses it, so that its successor is none too many.
                create(on: name)
            }
        }
        if surge > 0 {
            for pod in candidates.prefix(max(0, room)) { create(on: NodeFit.target(pod)) }
        } else {
            for pod in candidates.prefix(max(0, budget)) { delete(pod) }
        }
    }

    // MARK: - Status

    mutating func report() {
        var desired = 0, current = 0, misscheduled = 0, ready = 0, available = 0, updated = 0
        for node in nodes {
            let pods = (byNode[node.name] ?? []).filter { $0.isActivePod && !$0.nodeName.isEmpty }
            guard verdicts[node.name]?.shouldRun == true else {
                if !pods.isEmpty { misscheduled += 1 }
                continue
            }
            desired += 1
            guard !pods.isEmpty else { continue }
            current += 1
            ready += pods.contains(where: \.isReadyPod) ? 1 : 0
            available += pods.contains(where: isAvailable) ? 1 : 0
            updated += pods.contains(where: isUpdated) ? 1 : 0
        }
        var status = set.status ?? .emptyObject
        for (field, number) in [
            ("desiredNumberScheduled", desired), ("currentNumberScheduled", current),
            ("numberMisscheduled", misscheduled), ("numberReady", ready), ("numberAvailable", available),
            ("numberUnavailable", desired - available), ("updatedNumberScheduled", updated),
        ] { status[path: field] = .integer(Int64(number)) }
        status[path: "observedGeneration"] = .integer(set.generation)
        if let changed = set.changing(status: status) { plan.status.perform(.updateStatus(.daemonSet, changed)) }
        let pods = byNode.values.flatMap { $0 }.filter(\.isActivePod)
        if let next = ReplicaSets.nextAvailability(pods, minReadySeconds, now) { plan.status.look(after: next) }
    }
}
