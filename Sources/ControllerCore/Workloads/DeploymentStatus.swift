import KubeAPI

/// What a deployment says of itself.
extension DeploymentPlan {
    var hasDeadline: Bool {
        guard let seconds = deployment.spec?["progressDeadlineSeconds"]?.integer else { return false }
        return seconds < Int64(Int32.max)
    }

    var currentProgress: JSONValue? { Conditions.find("Progressing", in: deployment.status) }

    /// Without conditions.
    var status: JSONValue {
        func sum(_ field: String) -> Int64 { all.reduce(0) { $0 + ($1.set.status?[field]?.integer ?? 0) } }
        var status = deployment.status ?? .emptyObject
        status[path: "observedGeneration"] = .integer(deployment.generation)
        status[path: "replicas"] = .integer(sum("replicas"))
        status[path: "updatedReplicas"] = .integer(new?.set.status?["replicas"]?.integer ?? 0)
        status[path: "readyReplicas"] = .integer(sum("readyReplicas"))
        let available = sum("availableReplicas")
        status[path: "availableReplicas"] = .integer(available)
        status[path: "terminatingReplicas"] = .integer(sum("terminatingReplicas"))
        let wanted = all.reduce(0) { $0 + $1.before }
        status[path: "unavailableReplicas"] = .integer(max(0, wanted - available))
        return status
    }

    func isComplete(_ status: JSONValue) -> Bool {
        ["updatedReplicas", "replicas", "availableReplicas"].allSatisfy { status[$0]?.integer == numbers.replicas }
            && (status["observedGeneration"]?.integer ?? 0) >= deployment.generation
    }

    /// Adds the write of the status, when it has changed, and the time when the deadline passes.
    mutating func reportStatus() {
        var status = status
        let available = status["availableReplicas"]?.integer ?? 0
        Conditions.set(
            available >= numbers.minimumAvailable
                ? Condition(
                    "Available", true, "MinimumReplicasAvailable", "Deployment has minimum availability.")
                : Condition(
                    "Available", false, "MinimumReplicasUnavailable",
                    "Deployment does not have minimum availability."),
            in: &status, now: now, updateTime: true)
        setFailure(&status)
        if !deployment.isBeingDeleted { setProgress(&status) }
        if let changed = deployment.changing(status: status) {
            decision.perform(.updateStatus(.deployment, changed))
        }
        if let left = timeLeft(status) { decision.look(after: left) }
    }

    private func setFailure(_ status: inout JSONValue) {
        let failure = ([new].compactMap { $0 } + old).lazy.compactMap {
            Conditions.find("ReplicaFailure", in: $0.set.status)
        }.first
        guard let failure, failure["status"]?.string == "True" else {
            return Conditions.remove("ReplicaFailure", from: &status)
        }
        Conditions.set(
            Condition(
                "ReplicaFailure", true, failure["reason"]?.string ?? "", failure["message"]?.string ?? ""),
            in: &status, now: now, updateTime: true)
    }

    private func setProgress(_ status: inout JSONValue) {
        guard hasDeadline else { return Conditions.remove("Progressing", from: &status) }
        if let progress { return Conditions.set(progress, in: &status, now: now, updateTime: true) }
        guard !Deployments.isPaused(deployment), !wasComplete(status) else { return }
        let name = new.map { "ReplicaSet \"\($0.set.name)\"" } ?? "Deployment \"\(deployment.name)\""
        if isComplete(status) {
            let done = Condition("Progressing", true, "NewReplicaSetAvailable", "\(name) has successfully progressed.")
            Conditions.set(done, in: &status, now: now, updateTime: true)
        } else if hasProgressed(status) {
            let progressing = Condition("Progressing", true, "ReplicaSetUpdated", "\(name) is progressing.")
            // The time of the update is what the deadline counts from.
            let transition = currentProgress?["status"] == "True" ? currentProgress?["lastTransitionTime"] : nil
            Conditions.remove("Progressing", from: &status)
            Conditions.set(progressing, in: &status, now: now, updateTime: true)
            if let transition { restore(transition, in: &status) }
        } else if hasTimedOut(status) {
            let late = Condition("Progressing", false, "ProgressDeadlineExceeded", "\(name) has timed out progressing.")
            Conditions.set(late, in: &status, now: now, updateTime: true)
        }
    }

    private func restore(_ transition: JSONValue, in status: inout JSONValue) {
        let list = status["conditions"]?.array?.map { condition -> JSONValue in
            guard condition["type"] == "Progressing" else { return condition }
            var condition = condition
            condition[path: "lastTransitionTime"] = transition
            return condition
        }
        status[path: "conditions"] = list.map { .array($0) }
    }

    /// It has been told that everything is up to date, and nothing has changed since.
    private func wasComplete(_ status: JSONValue) -> Bool {
        status["replicas"] == status["updatedReplicas"]
            && currentProgress?["reason"]?.string == "NewReplicaSetAvailable"
    }

    private func hasProgressed(_ status: JSONValue) -> Bool {
        func change(_ field: String) -> Int64 {
            (status[field]?.integer ?? 0) - (deployment.status?[field]?.integer ?? 0)
        }
        return change("updatedReplicas") > 0 || change("replicas") - change("updatedReplicas") < 0
            || change("readyReplicas") > 0 || change("availableReplicas") > 0
    }

    /// Past this time without progress it is late; nil when nothing is waited for.
    private func deadline(_ status: JSONValue) -> Int64? {
        let progress = Conditions.find("Progressing", in: status)
        guard hasDeadline, let reason = progress?["reason"]?.string, reason != "NewReplicaSetAvailable",
            let since = Timestamp.nanoseconds(progress?["lastUpdateTime"])
        else { return nil }
        return Timestamp.adding(seconds: deployment.spec?["progressDeadlineSeconds"]?.integer ?? 600, to: since)
    }

    private func hasTimedOut(_ status: JSONValue) -> Bool {
        if currentProgress?["reason"]?.string == "ProgressDeadlineExceeded" { return true }
        return deadline(status).map { $0 < now } ?? false
    }

    private func timeLeft(_ status: JSONValue) -> Duration? {
        guard !Deployments.isPaused(deployment), !isComplete(status), !hasTimedOut(status),
            let deadline = deadline(status)
        else { return nil }
        return Timestamp.wait(from: now, until: deadline) + .seconds(1)
    }
}
