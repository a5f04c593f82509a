import KubeAPI
import KubeSchema

/// Deployments: which ReplicaSets there are, and how many pods each has.
///
/// Each decision is one step; the ReplicaSets' changes lead to the next. Paused deployments scale but do not roll.
public enum Deployments {
    static let revisionKey = "deployment.kubernetes.io/revision"
    static let historyKey = "deployment.kubernetes.io/revision-history"
    static let desiredKey = "deployment.kubernetes.io/desired-replicas"
    static let maximumKey = "deployment.kubernetes.io/max-replicas"
    static let hashLabel = "pod-template-hash"

    static func isRolling(_ deployment: APIObject) -> Bool {
        deployment.spec?["strategy"]?["type"]?.string != "Recreate"
    }

    static func isPaused(_ deployment: APIObject) -> Bool { deployment.spec?["paused"]?.bool ?? false }

    static func revision(_ object: APIObject) -> Int64 { object.annotation(revisionKey).flatMap { Int64($0) } ?? 0 }

    /// - Parameters:
    ///   - sets: the ReplicaSets it owns.
    ///   - hasRunningPods: whether any pod of the sets with these uids still runs.
    public static func decide(
        _ deployment: APIObject, sets: [APIObject], hasRunningPods: ([String]) -> Bool, now: Int64
    ) -> Decision {
        var plan = DeploymentPlan(deployment, sets: sets, now: now)
        if deployment.isBeingDeleted {
            plan.reportStatus()
        } else if isPaused(deployment) {
            plan.pause()
        } else if !plan.resume() {
            if plan.isScaled {
                plan.scale()
            } else if isRolling(deployment) {
                plan.roll()
            } else {
                plan.recreate(hasRunningPods)
            }
        }
        return plan.decision
    }

    static let createError = "ReplicaSetCreateError"

    static func createErrorText(_ set: String, _ error: String) -> String {
        "Failed to create new replica set \"\(set)\": \(error)"
    }

    /// The new ReplicaSet could not be made, which is no progress.
    public static func failed(_ deployment: APIObject, creating set: String, _ error: String, now: Int64) -> Decision {
        guard deployment.spec?["progressDeadlineSeconds"] != nil else { return Decision() }
        var status = deployment.status ?? .emptyObject
        Conditions.set(
            Condition("Progressing", false, createError, createErrorText(set, error)), in: &status, now: now,
            updateTime: true)
        return Decision(deployment.changing(status: status).map { [Action(.updateStatus(.deployment, $0))] } ?? [])
    }

    /// The name of the new ReplicaSet is taken by one with another template: another hash is to be taken.
    public static func collided(_ deployment: APIObject, with existing: APIObject) -> Decision {
        let isOurs = existing.controller?.uid == deployment.uid
        let isSame = PodTemplate.areEqual(existing.spec?["template"], deployment.spec?["template"])
        guard !isOurs || !isSame else { return Decision() }
        var status = deployment.status ?? .emptyObject
        status[path: "collisionCount"] = .integer((status["collisionCount"]?.integer ?? 0) &+ 1)
        return Decision(deployment.changing(status: status).map { [Action(.updateStatus(.deployment, $0))] } ?? [])
    }
}
