import KubeAPI

/// StatefulSets: pods with numbers and claims of their own, in order or all at once.
public enum StatefulSets {
    public struct Plan: Sendable, Hashable {
        /// Revisions and claims, before any pod.
        public var preparations: [Action] = []
        public var creations: [Action] = []
        public var deletions: [Action] = []
        public var deletedUIDs: [String] = []
        public var status = Decision()
    }

    static let podNameLabel = "statefulset.kubernetes.io/pod-name"
    static let indexLabel = "apps.kubernetes.io/pod-index"

    /// Only pods whose names are the set's can be its own.
    public static func isMember(_ pod: APIObject, of set: APIObject) -> Bool { ordinal(pod, of: set) != nil }

    static func ordinal(_ pod: APIObject, of set: APIObject) -> Int? {
        guard pod.name.hasPrefix("\(set.name)-") else { return nil }
        let suffix = pod.name.dropFirst(set.name.count + 1)
        return Int(suffix).flatMap { String($0) == suffix ? $0 : nil }
    }

    /// - Parameters:
    ///   - pods: those the set owns.
    ///   - revisions: ControllerRevisions it owns.
    ///   - claim: the PersistentVolumeClaim of that name.
    public static func decide(
        _ set: APIObject, pods: [APIObject], revisions: [APIObject], claim: (String) -> APIObject?, isSettled: Bool,
        now: Int64
    ) -> Plan {
        var round = StatefulRound(set, pods: pods, revisions: revisions, now: now)
        guard !set.isBeingDeleted else { return round.plan }
        round.keepRevisions()
        round.ownClaims(claim)
        if isSettled { round.work(claim) }
        round.report()
        return round.plan
    }
}

private struct StatefulRound {
    let set: APIObject
    let now: Int64
    let revisions: Revisions
    /// The revision that pods below the partition have.
    let oldHash: String
    let pods: [Int: APIObject]
    let ordinals: Range<Int>
    var plan = StatefulSets.Plan()

    init(_ set: APIObject, pods: [APIObject], revisions: [APIObject], now: Int64) {
        self.set = set
        self.now = now
        let revisions = Revisions(set, .statefulSet, known: revisions)
        self.revisions = revisions
        let current = set.status?["currentRevision"]?.string
        let held = current.flatMap { name in revisions.known.first { $0.name == name } }
        oldHash = held?.label(Revisions.label) ?? revisions.hash
        self.pods = Dictionary(pods.compactMap { pod in StatefulSets.ordinal(pod, of: set).map { ($0, pod) } }) { $1 }
        let start = Int(clamping: max(0, set.spec?["ordinals"]?["start"]?.integer ?? 0))
        let count = Int(clamping: max(0, min(set.spec?["replicas"]?.integer ?? 1, 1 << 20)))
        ordinals = start..<(start + count)
    }

    private var isParallel: Bool { self.set.spec?["podManagementPolicy"]?.string == "Parallel" }
    private var minReadySeconds: Int64 { max(0, set.spec?["minReadySeconds"]?.integer ?? 0) }
    private var isRolling: Bool { self.set.spec?["updateStrategy"]?["type"]?.string != "OnDelete" }
    private var rolling: JSONValue? { self.set.spec?["updateStrategy"]?["rollingUpdate"] }
    private var partition: Int { Int(clamping: max(0, rolling?["partition"]?.integer ?? 0)) }

    private func hash(_ pod: APIObject) -> String { pod.label(Revisions.label) ?? "" }

    private func isHealthy(_ pod: APIObject) -> Bool {
        !pod.isBeingDeleted && pod.isAvailablePod(minReadySeconds: minReadySeconds, now: now)
    }

    mutating func keepRevisions() {
        let hashes = Set(pods.values.map(hash) + [oldHash])
        let inUse = Set(revisions.known.filter { hashes.contains($0.label(Revisions.label) ?? "") }.map(\.name))
        plan.preparations = revisions.writes(inUse: inUse).map { Action($0) }
    }

    // MARK: - Pods

    /// One step: in order, each waits for the one before it.
    mutating func work(_ claim: (String) -> APIObject?) {
        for ordinal in ordinals {
            guard let pod = pods[ordinal] else {
                create(ordinal, claim)
                if isParallel { continue }
                return
            }
            if pod.podPhase == "Pending" { makeClaims(pod.name, claim) }
            if pod.hasFinished, !pod.isBeingDeleted {
                recreate(pod)
                if isParallel { continue }
                return
            }
            if !isParallel, !isHealthy(pod) { return replaceBroken(pod, ordinal) }
        }
        guard condemn() else { return }
        if isRolling { roll() }
    }

    /// Those beyond the number, the highest first; true when there are none.
    private mutating func condemn() -> Bool {
        let condemned = pods.filter { !ordinals.contains($0.key) }.sorted { $0.key > $1.key }.map(\.value)
        for pod in condemned {
            if !pod.isBeingDeleted { delete(pod) }
            if !isParallel { return false }
        }
        return condemned.isEmpty || isParallel
    }

    /// The highest with an old template first; each waits for the one before it to be healthy.
    private mutating func roll() {
        let limit = rolling?["maxUnavailable"].flatMap {
            IntOrPercent.scaled($0, of: Int64(ordinals.count), roundingUp: false)
        }
        var budget = max(1, Int(clamping: limit ?? 1))
        for ordinal in ordinals.reversed() where ordinal >= ordinals.lowerBound + partition {
            guard let pod = pods[ordinal] else { continue }
            if hash(pod) != revisions.hash, !pod.isBeingDeleted {
                delete(pod)
                budget -= 1
            } else if !isHealthy(pod) {
                budget -= 1
            }
            if budget <= 0 { return }
        }
    }

    /// A pod that will never be healthy must not keep its own replacement from coming: only a pod that runs and is not
    /// ready is waited for.
    private mutating func replaceBroken(_ pod: APIObject, _ ordinal: Int) {
        guard isRolling, !pod.isBeingDeleted, ordinal >= ordinals.lowerBound + partition, !pod.isReadyPod,
            hash(pod) != revisions.hash, hash(pod) != oldHash
        else { return }
        delete(pod)
    }

    /// Claims go with the set or with pods that are too many, when the policy says so: by owner references, for the
    /// garbage collector. That comes before such a pod is deleted.
    mutating func ownClaims(_ claim: (String) -> APIObject?) {
        let retention = ClaimRetention(set)
        for (ordinal, pod) in pods.sorted(by: { $0.key < $1.key }) {
            for name in claimNames(pod.name) {
                guard let claim = claim(name),
                    let write = retention.write(claim, pod: pod, isCondemned: !ordinals.contains(ordinal))
                else { continue }
                plan.preparations.append(Action(write))
            }
        }
    }

    private func claimNames(_ pod: String) -> [String] {
        claimTemplates.map { "\($0["metadata"]?["name"]?.string ?? "")-\(pod)" }
    }

    private mutating func create(_ ordinal: Int, _ claim: (String) -> APIObject?) {
        let name = "\(set.name)-\(ordinal)"
        // A claim that goes with the pod before this one goes first.
        guard !claimNames(name).contains(where: { claim($0).map(ClaimRetention.isGoing) ?? false }) else {
            return plan.status.look(after: .seconds(1))
        }
        let isOld = isRolling ? ordinal < ordinals.lowerBound + partition : false
        let hash = isOld ? oldHash : revisions.hash
        let held = revisions.known.first { $0.label(Revisions.label) == hash }
        let template = isOld ? held?["data"]?["spec"]?["template"] ?? set.spec?["template"] : set.spec?["template"]
        var pod = PodTemplate.pod(template, owner: set, .statefulSet, name: name)
        pod[path: "metadata", "labels", StatefulSets.podNameLabel] = .string(name)
        pod[path: "metadata", "labels", StatefulSets.indexLabel] = .string(String(ordinal))
        pod[path: "metadata", "labels", Revisions.label] = .string(hash)
        pod[path: "spec", "hostname"] = .string(name)
        if let service = set.spec?["serviceName"]?.string, !service.isEmpty {
            pod[path: "spec", "subdomain"] = .string(service)
        }
        addVolumes(&pod, name: name)
        makeClaims(name, claim)
        plan.creations.append(
            Action(
                .create(.pod, namespace: set.namespace, pod),
                success: EventText("SuccessfulCreate", "create Pod {name} in StatefulSet \(set.name) successful"),
                failure: EventText(
                    .warning, "FailedCreate", "create Pod \(name) in StatefulSet \(set.name) failed error: {error}")))
    }

    private var claimTemplates: [JSONValue] { self.set.spec?["volumeClaimTemplates"]?.array ?? [] }

    /// A volume per template names its claim.
    private func addVolumes(_ pod: inout JSONValue, name: String) {
        guard !claimTemplates.isEmpty else { return }
        var volumes = pod["spec"]?["volumes"]?.array ?? []
        for (template, claim) in zip(claimTemplates, claimNames(name)) {
            let volume = template["metadata"]?["name"]?.string ?? ""
            volumes.removeAll { $0["name"]?.string == volume }
            volumes.append(["name": .string(volume), "persistentVolumeClaim": ["claimName": .string(claim)]])
        }
        pod[path: "spec", "volumes"] = .array(volumes)
    }

    /// The claims of a pod that are not there.
    private mutating func makeClaims(_ name: String, _ known: (String) -> APIObject?) {
        for (template, claim) in zip(claimTemplates, claimNames(name)) where known(claim) == nil {
            var object = template
            object[path: "apiVersion"] = "v1"
            object[path: "kind"] = "PersistentVolumeClaim"
            object[path: "status"] = nil
            object[path: "metadata", "name"] = .string(claim)
            object[path: "metadata", "namespace"] = .string(set.namespace)
            for member in set.spec?["selector"]?["matchLabels"]?.object?.members ?? [] {
                object[path: "metadata", "labels", member.key] = member.value
            }
            plan.preparations.append(
                Action(
                    .create(.persistentVolumeClaim, namespace: set.namespace, object),
                    success: EventText(
                        "SuccessfulCreate",
                        "create Claim \(claim) Pod \(name) in StatefulSet \(set.name) success"),
                    failure: EventText(
                        .warning, "FailedCreate",
                        "create Claim \(claim) for Pod \(name) in StatefulSet \(set.name) failed error: {error}")))
        }
    }

    private mutating func recreate(_ pod: APIObject) {
        let subject = "StatefulSet \(set.key) is recreating"
        plan.status.events.append(
            pod.podPhase == "Failed"
                ? EventText(.warning, "RecreatingFailedPod", "\(subject) failed Pod \(pod.name)")
                : EventText("RecreatingTerminatedPod", "\(subject) terminated Pod \(pod.name)"))
        delete(pod)
    }

    private mutating func delete(_ pod: APIObject) {
        plan.deletions.append(
            Action(
                .delete(.pod, pod),
                success: EventText("SuccessfulDelete", "delete Pod {name} in StatefulSet \(set.name) successful"),
                failure: EventText(
                    .warning, "FailedDelete",
                    "delete Pod {name} in StatefulSet \(set.name) failed error: {error}")))
        plan.deletedUIDs.append(pod.uid)
    }

    // MARK: - Status

    mutating func report() {
        let members = pods.filter { ordinals.contains($0.key) }.values
        let all = pods.values.filter { !$0.hasFinished }
        let updated = members.filter { hash($0) == revisions.hash && !$0.isBeingDeleted }
        var status = set.status ?? .emptyObject
        func put(_ field: String, _ count: Int) { status[path: field] = .integer(Int64(count)) }
        put("replicas", all.count)
        put("readyReplicas", all.count(where: \.isReadyPod))
        put("availableReplicas", all.count(where: isHealthy))
        put("updatedReplicas", updated.count)
        // When all are updated, the new revision is the current one.
        let isComplete = updated.count == ordinals.count && updated.allSatisfy(isHealthy) && all.count == ordinals.count
        let known = set.status?["currentRevision"]?.string ?? ""
        let current = isComplete || known.isEmpty ? revisions.name : known
        let currentHash = isComplete || known.isEmpty ? revisions.hash : oldHash
        put("currentReplicas", members.count { hash($0) == currentHash && !$0.isBeingDeleted })
        status[path: "currentRevision"] = .string(current)
        status[path: "updateRevision"] = .string(revisions.name)
        status[path: "observedGeneration"] = .integer(set.generation)
        if let changed = set.changing(status: status) { plan.status.perform(.updateStatus(.statefulSet, changed)) }
        if let next = ReplicaSets.nextAvailability(Array(all), minReadySeconds, now) { plan.status.look(after: next) }
    }
}
