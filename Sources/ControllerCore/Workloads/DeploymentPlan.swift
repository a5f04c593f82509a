import KubeAPI

/// One step of a deployment in the making.
struct DeploymentPlan {
    let deployment: APIObject
    let numbers: DeploymentNumbers
    let now: Int64
    /// The set with the deployment's template; nil when there is none yet.
    var new: ScaledSet?
    /// Oldest first.
    var old: [ScaledSet]
    var decision = Decision()
    /// To be put into the status.
    var progress: Condition?

    init(_ deployment: APIObject, sets: [APIObject], now: Int64) {
        self.deployment = deployment
        self.now = now
        numbers = DeploymentNumbers(deployment)
        let sorted = sets.map(ScaledSet.init).sorted(by: ScaledSet.older)
        // The oldest, so that the choice does not change when a twin is made.
        let template = deployment.spec?["template"]
        let current = sorted.first { PodTemplate.areEqual($0.set.spec?["template"], template) }
        new = current
        old = sorted.filter { $0.set.uid != current?.set.uid }
    }

    var all: [ScaledSet] { old + (new.map { [$0] } ?? []) }
    var total: Int64 { all.reduce(0) { $0 + $1.replicas } }

    // MARK: - Strategies

    /// Some set was made for another number of replicas.
    var isScaled: Bool {
        all.contains { scaled in
            guard scaled.before > 0, let desired = scaled.set.annotation(Deployments.desiredKey) else { return false }
            return Int64(desired) != numbers.replicas
        }
    }

    mutating func roll() {
        guard ensureNew(replicas: newReplicas(current: 0)) else { return }
        if growNew() || shrinkOld() {
            reportStatus()
        } else {
            finish()
        }
    }

    mutating func recreate(_ hasRunningPods: ([String]) -> Bool) {
        for index in old.indices { old[index].replicas = 0 }
        if writeScales() { return reportStatus() }
        guard !hasRunningPods(old.map(\.set.uid)) else { return reportStatus() }
        guard ensureNew(replicas: numbers.replicas) else { return }
        let wanted = numbers.replicas
        new?.replicas = wanted
        if writeScales() {
            reportStatus()
        } else {
            finish()
        }
    }

    /// After a change of `spec.replicas`, or while paused: everyone in proportion.
    mutating func scale() {
        let active = all.filter { $0.replicas > 0 }
        if active.count <= 1 {
            let target = active.first?.set.uid ?? new?.set.uid ?? old.last?.set.uid
            let wanted = numbers.replicas
            setReplicas { $0.set.uid == target ? wanted : $0.replicas }
        } else if isSaturated {
            let current = new?.set.uid
            setReplicas { $0.set.uid == current ? $0.replicas : 0 }
        } else if Deployments.isRolling(deployment) {
            scaleProportionally()
        }
        _ = writeScales(annotating: true)
        reportStatus()
    }

    mutating func pause() {
        progressIfUnset("DeploymentPaused", "Deployment is paused")
        if isScaled || all.count(where: { $0.replicas > 0 }) == 1 {
            scale()
        } else {
            reportStatus()
        }
        removeOldSets()
    }

    /// True when the deployment has just been resumed and that is all that is told now.
    mutating func resume() -> Bool {
        guard currentProgress?["reason"]?.string == "DeploymentPaused" else { return false }
        progress = Condition("Progressing", status: "Unknown", "DeploymentResumed", "Deployment is resumed")
        reportStatus()
        return true
    }

    private mutating func progressIfUnset(_ reason: String, _ message: String) {
        guard hasDeadline, currentProgress?["reason"]?.string != reason,
            currentProgress?["reason"]?.string != "ProgressDeadlineExceeded"
        else { return }
        progress = Condition("Progressing", status: "Unknown", reason, message)
    }

    private var isSaturated: Bool {
        guard let new else { return false }
        return new.before == numbers.replicas && new.available == numbers.replicas
            && new.set.annotation(Deployments.desiredKey) == String(numbers.replicas)
    }

    private mutating func setReplicas(_ replicas: (ScaledSet) -> Int64) {
        for index in old.indices { old[index].replicas = replicas(old[index]) }
        if let current = new { new?.replicas = replicas(current) }
    }

    /// Each set gets its share of the difference; what rounding leaves goes to the largest.
    private mutating func scaleProportionally() {
        let allowed = numbers.replicas > 0 ? numbers.maximum : 0
        let difference = allowed - total
        var shares: [String: Int64] = [:]
        var added: Int64 = 0
        let order = all.filter { $0.replicas > 0 }.sorted { a, b in
            if a.replicas != b.replicas { return a.replicas > b.replicas }
            return difference > 0 ? ScaledSet.older(b, a) : ScaledSet.older(a, b)
        }
        for scaled in order {
            let share = difference == 0 ? 0 : self.share(scaled, of: difference, added: added)
            shares[scaled.set.uid] = scaled.replicas + share
            added += share
        }
        if let first = order.first { shares[first.set.uid, default: 0] += difference - added }
        setReplicas { max(0, shares[$0.set.uid] ?? $0.replicas) }
    }

    private func share(_ scaled: ScaledSet, of difference: Int64, added: Int64) -> Int64 {
        guard numbers.replicas > 0 else { return max(-scaled.replicas, difference - added) }
        let known = scaled.set.annotation(Deployments.maximumKey).flatMap { Int64($0) }
        let base = max(1, known ?? deployment.status?["replicas"]?.integer ?? 1)
        let size = (Double(scaled.replicas) * Double(numbers.maximum) / Double(base)).rounded()
        guard size < 1e9 else { return difference - added }
        let fraction = Int64(size) - scaled.replicas
        return difference > 0 ? min(fraction, difference - added) : max(fraction, difference - added)
    }

    // MARK: - Steps of a rolling update

    /// How many replicas the new set may have now.
    private func newReplicas(current: Int64) -> Int64 {
        guard total < numbers.maximum else { return current }
        return current + min(numbers.maximum - total, numbers.replicas - current)
    }

    private mutating func growNew() -> Bool {
        guard let current = new else { return false }
        let wanted = current.replicas > numbers.replicas ? numbers.replicas : newReplicas(current: current.replicas)
        new?.replicas = wanted
        return writeScales()
    }

    /// Unhealthy pods go first, as nobody misses them; then available ones, as many as may be missed.
    private mutating func shrinkOld() -> Bool {
        guard let new, old.contains(where: { $0.replicas > 0 }) else { return false }
        var budget = total - numbers.minimumAvailable - (new.replicas - new.available)
        guard budget > 0 else { return false }
        for index in old.indices where old[index].replicas > old[index].available {
            let surplus = min(budget, old[index].replicas - old[index].available)
            old[index].replicas -= surplus
            budget -= surplus
        }
        var dispensable = all.reduce(0) { $0 + $1.available } - numbers.minimumAvailable
        for index in old.indices where dispensable > 0 && old[index].replicas > 0 {
            let surplus = min(dispensable, old[index].replicas)
            old[index].replicas -= surplus
            dispensable -= surplus
        }
        return writeScales()
    }

    private mutating func finish() {
        reportStatus()
        if isComplete(status) { removeOldSets() }
    }

    private mutating func removeOldSets() {
        guard let limit = deployment.spec?["revisionHistoryLimit"]?.integer, limit < Int64(Int32.max) else { return }
        let removable = old.filter { !$0.set.isBeingDeleted }.sorted { $0.revision < $1.revision }
        for scaled in removable.prefix(max(0, removable.count - Int(clamping: limit)))
        where scaled.isEmpty && scaled.set.generation <= scaled.set.status?["observedGeneration"]?.integer ?? 0 {
            decision.perform(.delete(.replicaSet, scaled.set))
        }
    }
}
