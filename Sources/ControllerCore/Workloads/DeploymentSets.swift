import KubeAPI

/// The ReplicaSets that a deployment makes and scales.
extension DeploymentPlan {
    private var newRevision: Int64 { (old.map(\.revision).max() ?? 0) + 1 }

    /// Sees to the set with the current template. False when a write is under way that must be seen first.
    mutating func ensureNew(replicas: Int64) -> Bool {
        guard let current = new else {
            create(replicas)
            return false
        }
        if deployment.annotation(Deployments.revisionKey) != revisionText(of: current.set) {
            annotateDeployment(revisionText(of: current.set))
        }
        let annotated = annotated(current.set)
        if !annotated.json.isEquivalent(to: current.set.json) {
            decision.perform(.update(.replicaSet, annotated))
            return false
        }
        if hasDeadline, currentProgress == nil {
            progress = Condition(
                "Progressing", true, "FoundNewReplicaSet", "Found new replica set \"\(current.set.name)\"")
        }
        return decision.actions.isEmpty
    }

    private func revisionText(of set: APIObject) -> String { String(max(newRevision, Deployments.revision(set))) }

    private mutating func annotateDeployment(_ revision: String) {
        decision.perform(
            .patch(
                .deployment, deployment.key, .merge,
                ["metadata": ["annotations": [Deployments.revisionKey: .string(revision)]]]))
    }

    /// The current set as it should be: a rollback gives an old one a new revision.
    private func annotated(_ set: APIObject) -> APIObject {
        var set = set
        let before = Deployments.revision(set)
        if before < newRevision {
            if before > 0 {
                let history = set.annotation(Deployments.historyKey).map { "\($0),\(before)" } ?? String(before)
                annotate(&set, Deployments.historyKey, history)
            }
            annotate(&set, Deployments.revisionKey, String(newRevision))
        }
        copyAnnotations(&set)
        set[path: "spec", "minReadySeconds"] = deployment.spec?["minReadySeconds"]
        return set
    }

    private func annotate(_ set: inout APIObject, _ key: String, _ value: String) {
        set[path: "metadata", "annotations", key] = .string(value)
    }

    private func copyAnnotations(_ set: inout APIObject) {
        let own = [
            "kubectl.kubernetes.io/last-applied-configuration", Deployments.revisionKey, Deployments.historyKey,
            Deployments.desiredKey, Deployments.maximumKey, "deprecated.deployment.rollback.to",
        ]
        for member in deployment.metadata?["annotations"]?.object?.members ?? [] where !own.contains(member.key) {
            set[path: "metadata", "annotations", member.key] = member.value
        }
    }

    private mutating func create(_ replicas: Int64) {
        let template = deployment.spec?["template"]
        let hash = PodTemplate.hash(template, collisions: deployment.status?["collisionCount"]?.integer ?? 0)
        let name = "\(deployment.name)-\(hash)"
        let made: JSONValue = [
            "metadata": ["name": .string(name), "namespace": .string(deployment.namespace)], "spec": .emptyObject,
        ]
        guard var set = try? APIObject(json: made) else { return }
        set["apiVersion"] = "apps/v1"
        set["kind"] = "ReplicaSet"
        var labelled = template ?? .emptyObject
        labelled[path: "metadata", "labels", Deployments.hashLabel] = .string(hash)
        set[path: "metadata", "labels"] = labelled[path: "metadata", "labels"]
        set[path: "metadata", "ownerReferences"] = [OwnerReference(deployment, .deployment).json]
        copyAnnotations(&set)
        annotate(&set, Deployments.revisionKey, String(newRevision))
        annotate(&set, Deployments.desiredKey, String(numbers.replicas))
        annotate(&set, Deployments.maximumKey, String(numbers.maximum))
        var selector = deployment.spec?["selector"] ?? .emptyObject
        selector[path: "matchLabels", Deployments.hashLabel] = .string(hash)
        set["spec"] = [
            "replicas": .integer(replicas), "minReadySeconds": deployment.spec?["minReadySeconds"] ?? 0,
            "selector": selector, "template": labelled,
        ]
        decision.perform(
            .create(.replicaSet, namespace: deployment.namespace, set.json),
            success: replicas > 0
                ? EventText("ScalingReplicaSet", "Scaled up replica set \(name) from 0 to \(replicas)") : nil,
            failure: EventText(.warning, Deployments.createError, Deployments.createErrorText(name, "{error}")))
        if hasDeadline {
            progress = Condition("Progressing", true, "NewReplicaSetCreated", "Created new replica set \"\(name)\"")
        }
        reportStatus()
    }

    /// Writes the sets whose number of replicas has changed; true when there is one. With `annotating` also those that
    /// only need to hear of the deployment's number.
    mutating func writeScales(annotating: Bool = false) -> Bool {
        var wrote = false
        for scaled in all where scaled.replicas != scaled.before || (annotating && needsAnnotation(scaled)) {
            var set = scaled.set
            set[path: "spec", "replicas"] = .integer(scaled.replicas)
            annotate(&set, Deployments.desiredKey, String(numbers.replicas))
            annotate(&set, Deployments.maximumKey, String(numbers.maximum))
            let direction = scaled.replicas > scaled.before ? "up" : "down"
            let note = "Scaled \(direction) replica set \(set.name) from \(scaled.before) to \(scaled.replicas)"
            decision.perform(
                .update(.replicaSet, set),
                success: scaled.replicas == scaled.before ? nil : EventText("ScalingReplicaSet", note))
            wrote = true
        }
        return wrote
    }

    private func needsAnnotation(_ scaled: ScaledSet) -> Bool {
        scaled.before > 0
            && (scaled.set.annotation(Deployments.desiredKey) != String(numbers.replicas)
                || scaled.set.annotation(Deployments.maximumKey) != String(numbers.maximum))
    }
}
