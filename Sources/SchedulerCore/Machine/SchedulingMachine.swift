import KubeAPI

/// The scheduler without its shell: what is heard of the cluster goes in, what is to be done comes out. Time comes in as
/// nanoseconds of a clock that does not go back.
///
/// A pod for which a node was found is *assumed* to be there, so that the next decision sees it, until the API server
/// says the same or binding fails.
public struct SchedulingMachine: Sendable {
    public internal(set) var cluster = Cluster()
    public internal(set) var queue: SchedulingQueue
    private let profiles: [String: Profile]
    private var cursor: SchedulingCursor
    /// Bindings under way or not heard of yet, by the pod's uid.
    private var assumed: [NamespacedName: String] = [:]
    /// Pods that have a node and wait for their volumes.
    var volumeWaits = VolumeWaits()

    /// Without a profile of a pod's schedulerName the pod is another scheduler's.
    public init(configuration: SchedulerConfiguration, seed: UInt64) {
        profiles = Dictionary(configuration.profiles.map { ($0.schedulerName, $0) }) { first, _ in first }
        queue = SchedulingQueue(policy: configuration.backoff)
        cursor = SchedulingCursor(seed: seed)
    }

    public var assumedCount: Int { assumed.count }

    // MARK: - Pods

    public mutating func set(_ pod: Pod, now: Int64) {
        if pod.isFinished { return removePod(pod.key, now: now) }
        if pod.nodeName.isEmpty { setUnassigned(pod, now: now) } else { setAssigned(pod, now: now) }
    }

    private mutating func setAssigned(_ pod: Pod, now: Int64) {
        releaseVolumes(of: pod.key, now: now)
        let wasAssumed = assumed.removeValue(forKey: pod.key) != nil
        queue.remove(pod.key)
        cluster.withdrawNomination(pod.key)
        let old = cluster.pod(pod.key)
        let oldNode = cluster.nodeName(of: pod.key)
        cluster.place(pod, on: pod.nodeName)
        guard let old, oldNode == pod.nodeName else {
            if let old { queue.react(to: .podGone(old), now: now) }
            return queue.react(to: .podPlaced(pod), now: now)
        }
        if !wasAssumed, old.labels != pod.labels || old.isTerminating != pod.isTerminating {
            queue.react(to: .podChanged(old: old, new: pod), now: now)
        }
        if pod.requests != old.requests { queue.react(to: .podGone(old), now: now) }
    }

    private mutating func setUnassigned(_ pod: Pod, now: Int64) {
        guard profiles[pod.schedulerName] != nil, !pod.isTerminating else { return forget(pod.key, now: now) }
        if let uid = assumed[pod.key] {
            // The server has not heard of the binding yet.
            if uid == pod.uid { return }
            forget(pod.key, now: now)
        }
        // Only what changed counts: the server may not have heard of the newest nomination yet.
        let known = queue.pod(pod.key)?.nominatedNode ?? ""
        if known != pod.nominatedNode {
            if pod.nominatedNode.isEmpty {
                withdrawNomination(of: pod, now: now)
            } else {
                cluster.nominate(pod, to: pod.nominatedNode)
            }
        }
        queue.set(pod, now: now)
    }

    public mutating func removePod(_ key: NamespacedName, now: Int64) { forget(key, now: now) }

    private mutating func forget(_ key: NamespacedName, now: Int64) {
        assumed[key] = nil
        releaseVolumes(of: key, now: now)
        let waiting = queue.pod(key)
        queue.remove(key)
        if let waiting { withdrawNomination(of: waiting, now: now) }
        cluster.withdrawNomination(key)
        if let gone = cluster.remove(key) { queue.react(to: .podGone(gone), now: now) }
    }

    /// The room that was kept for the pod is free for others.
    private mutating func withdrawNomination(of pod: Pod, now: Int64) {
        guard cluster.nominatedNode(of: pod.key) != nil else { return }
        cluster.withdrawNomination(pod.key)
        queue.react(to: .podGone(pod), now: now)
    }

    // MARK: - Everything else

    public mutating func set(_ node: NodeDescription, now: Int64) {
        let old = cluster.node(node.name)
        cluster.set(node)
        if let old {
            queue.react(to: .nodeChanged(old: old, new: node), now: now)
        } else {
            queue.react(to: .nodeAdded(node), now: now)
        }
    }

    public mutating func removeNode(_ name: String, now: Int64) {
        guard let old = cluster.node(name) else { return }
        cluster.removeNode(name)
        queue.react(to: .nodeRemoved(old), now: now)
    }

    public mutating func setNamespace(_ name: String, labels: [String: String]?, now: Int64) {
        cluster.setNamespace(name, labels: labels)
        queue.react(to: .namespaceChanged, now: now)
    }

    public mutating func set(_ service: ServiceSelector) { cluster.set(service) }
    public mutating func removeService(_ key: NamespacedName) { cluster.removeService(key) }
    public mutating func set(_ controller: ControllerSelector, of kind: PodController.Kind) {
        cluster.set(controller, of: kind)
    }
    public mutating func removeController(_ key: NamespacedName, of kind: PodController.Kind) {
        cluster.removeController(key, of: kind)
    }

    public mutating func set(_ budget: DisruptionBudget) { cluster.budgets[budget.key] = budget }
    public mutating func removeBudget(_ key: NamespacedName) { cluster.budgets[key] = nil }

    // MARK: - Decisions

    /// What is to be done for one pod.
    public enum Step: Sendable {
        /// Write the binding's volume plan; say by `volumesWritten` or `bindingFailed` how it went.
        case prepareVolumes(Binding)
        /// Bind the pod; say by `bound` or `bindingFailed` how it went.
        case bind(Binding)
        /// Tell the pod why the volumes that were prepared cannot be had; it is tried again.
        case abandon(Binding, reason: String)
        /// Tell the pod why it waits.
        case wait(Refused)
    }

    public struct Binding: Sendable {
        public let pod: Pod
        public let node: String
        /// How often it was tried before.
        public let attempts: Int
        /// When it came into the queue, in nanoseconds of the machine's clock.
        public let added: Int64
        /// Empty when there is nothing to prepare.
        public let volumes: VolumePlan
        public let explanation: Explanation
    }

    public struct Refused: Sendable {
        public let pod: Pod
        /// For the pod's condition and the FailedScheduling event.
        public let message: String
        /// What status.nominatedNodeName is to be.
        public let nominatedNode: String
        /// Pods to delete, with their grace, so that the pod has room.
        public let victims: Victims?
        public let explanation: Explanation
    }

    /// Decides about the next pod; nil when none is due.
    public mutating func next(now: Int64) -> Step? {
        if let step = settledVolumes(now: now) { return step }
        guard let (pod, attempts, added) = queue.pop(now: now) else { return nil }
        let profile = profiles[pod.schedulerName] ?? Profile()
        let decision = cluster.decide(pod, profile: profile, cursor: &cursor)
        switch decision.outcome {
        case .place(let node):
            cluster.place(pod, on: node)
            cluster.withdrawNomination(pod.key)
            assumed[pod.key] = pod.uid
            queue.react(to: .podPlaced(pod), now: now)
            let binding = Binding(
                pod: pod, node: node, attempts: attempts, added: added, volumes: cluster.volumePlan(for: pod, on: node),
                explanation: decision.explanation)
            return binding.volumes.isEmpty ? .bind(binding) : prepareVolumes(binding, profile, now: now)
        case .unschedulable(let diagnosis):
            return .wait(refuse(pod, profile, decision, diagnosis, now: now))
        }
    }

    private mutating func refuse(
        _ pod: Pod, _ profile: Profile, _ decision: Decision, _ diagnosis: Diagnosis, now: Int64
    ) -> Refused {
        var plan: PreemptionPlan?
        if profile.preempts, diagnosis.nodes > 0 {
            plan = cluster.planPreemption(for: pod, after: decision, profile: profile, cursor: &cursor)
        }
        // Before the pod waits itself, for which the room did not do.
        if case .decline(message: _, keepsNomination: false)? = plan { withdrawNomination(of: pod, now: now) }
        queue.failed(pod.key, plugins: diagnosis.plugins, now: now)
        switch plan {
        case .evict(let victims):
            for displaced in victims.displaced { cluster.withdrawNomination(displaced.key) }
            cluster.nominate(pod, to: victims.node)
            return Refused(
                pod: pod, message: diagnosis.message(), nominatedNode: victims.node, victims: victims,
                explanation: decision.explanation)
        case .decline(let message, _):
            return refused(pod, diagnosis.message(preemption: message), decision)
        case nil: return refused(pod, diagnosis.message(), decision)
        }
    }

    private func refused(_ pod: Pod, _ message: String, _ decision: Decision) -> Refused {
        Refused(
            pod: pod, message: message, nominatedNode: cluster.nominatedNode(of: pod.key) ?? "", victims: nil,
            explanation: decision.explanation)
    }

    /// The API server took the binding.
    public mutating func bound(_ pod: Pod, now: Int64) {
        guard assumed[pod.key] == pod.uid else { return }
        queue.remove(pod.key)
        releaseVolumes(of: pod.key, now: now)
    }

    /// It did not: the pod's room is free again, and the pod is tried later.
    public mutating func bindingFailed(_ pod: Pod, now: Int64) {
        guard assumed[pod.key] == pod.uid else { return }
        assumed[pod.key] = nil
        releaseVolumes(of: pod.key, now: now)
        if let gone = cluster.remove(pod.key) { queue.react(to: .podGone(gone), now: now) }
        queue.retry(pod.key, now: now)
    }

    /// Not all victims could be deleted: no event will tell, so the pod is tried again after its backoff.
    public mutating func preemptionFailed(_ pod: Pod, now: Int64) {
        if queue.pod(pod.key)?.uid == pod.uid { queue.reconsider(pod.key, now: now) }
    }

    /// When to look for the next pod even though nothing happened.
    public func nextDeadline() -> Int64? {
        [queue.nextDeadline(), volumeWaits.nextDeadline].compactMap(\.self).min()
    }

    /// What keeps a pod from being tried at all, whatever the nodes say.
    public enum Obstacle: Sendable, Hashable, CustomStringConvertible {
        case terminating
        /// Its schedulerName has no profile here.
        case foreign(String)
        /// Names of scheduling gates.
        case gates([String])

        public var description: String {
            switch self {
            case .terminating: "it is being deleted and gets no node"
            case .foreign(let name): "it is left to the scheduler \(name)"
            case .gates(let names): "it waits until its scheduling gates are gone: \(names.joined(separator: ", "))"
            }
        }
    }

    /// nil of a pod that is tried, or has its node.
    public func obstacle(to pod: Pod) -> Obstacle? {
        guard pod.nodeName.isEmpty else { return nil }
        if pod.isTerminating { return .terminating }
        if profiles[pod.schedulerName] == nil { return .foreign(pod.schedulerName) }
        return pod.gates.isEmpty ? nil : .gates(pod.gates)
    }

    /// Why each node is as good or bad as it is for a pod, as the decision would be now.
    public mutating func explain(_ pod: Pod) -> Decision {
        var cluster = cluster
        cluster.remove(pod.key)
        var profile = profiles[pod.schedulerName] ?? Profile()
        // A pod that has a node is judged as if it were new.
        profile.disabledFilters.insert(.nodeName)
        return cluster.decide(pod, profile: profile, cursor: &cursor, isThorough: true)
    }
}
