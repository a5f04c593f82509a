import KubeAPI

/// The numbers of a rolling update.
struct DeploymentNumbers {
    let replicas: Int64
    /// More pods than wanted that may be there.
    let surge: Int64
    /// Fewer available pods than wanted that may be there.
    let unavailable: Int64

    init(_ deployment: APIObject) {
        replicas = max(0, deployment.spec?["replicas"]?.integer ?? 1)
        guard Deployments.isRolling(deployment) else {
            (surge, unavailable) = (0, 0)
            return
        }
        let rolling = deployment.spec?["strategy"]?["rollingUpdate"]
        let surge = IntOrPercent.scaled(rolling?["maxSurge"] ?? "25%", of: replicas, roundingUp: true) ?? 0
        let unavailable =
            IntOrPercent.scaled(rolling?["maxUnavailable"] ?? "25%", of: replicas, roundingUp: false) ?? 0
        self.surge = surge
        // Both zero would never come to an end.
        self.unavailable = min(replicas, surge == 0 && unavailable == 0 ? 1 : unavailable)
    }

    var minimumAvailable: Int64 { replicas - unavailable }
    var maximum: Int64 { replicas + surge }
}

/// A ReplicaSet of a deployment with the number of replicas it is about to have.
struct ScaledSet {
    let set: APIObject
    var replicas: Int64

    init(_ set: APIObject) {
        self.set = set
        replicas = set.spec?["replicas"]?.integer ?? 0
    }

    var before: Int64 { self.set.spec?["replicas"]?.integer ?? 0 }
    var available: Int64 { self.set.status?["availableReplicas"]?.integer ?? 0 }
    var revision: Int64 { Deployments.revision(set) }
    var isEmpty: Bool { before == 0 && (set.status?["replicas"]?.integer ?? 0) == 0 }

    static func older(_ a: ScaledSet, _ b: ScaledSet) -> Bool {
        (a.set.creationTimestamp, a.set.name) < (b.set.creationTimestamp, b.set.name)
    }
}
