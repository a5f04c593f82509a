import KubeAPI

/// Deployment, ReplicaSet, ReplicationController, DaemonSet, StatefulSet and ControllerRevision.
extension Validation {
    @Sendable static func deployment(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        workload(spec, old?["spec"], "deployment", &findings)
        let strategy = spec["strategy"]
        switch strategy["type"].string {
        case "Recreate" where strategy["rollingUpdate"].isSet:
            findings.forbidden(
                strategy["rollingUpdate"], "may not be specified when strategy `type` is 'Recreate'")
        case "RollingUpdate":
            let update = strategy["rollingUpdate"]
            guard update.isSet else { return findings.missing(update, "this should be defaulted and never be nil") }
            findings.countOrPercent(update["maxUnavailable"], upToAll: true)
            findings.countOrPercent(update["maxSurge"])
            if isZero(update["maxUnavailable"]), isZero(update["maxSurge"]) {
                findings.invalid(update["maxUnavailable"], "may not be 0 when `maxSurge` is 0")
            }
        default: break
        }
        if let deadline = spec["progressDeadlineSeconds"].integer {
            findings.nonNegative(spec["progressDeadlineSeconds"])
            if deadline <= spec["minReadySeconds"].integer ?? 0 {
                findings.invalid(spec["progressDeadlineSeconds"], "must be greater than minReadySeconds")
            }
        }
    }

    @Sendable static func replicaSet(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        workload(object["spec"], old?["spec"], "deployment", &findings)
    }

    @Sendable static func replicationController(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        findings.nonNegative(spec["minReadySeconds"])
        findings.nonNegative(spec["replicas"])
        findings.require(spec["selector"])
        guard spec["template"].isSet else { return findings.missing(spec["template"]) }
        let labels = spec["template"]["metadata"]["labels"]
        if !LabelSelector(labels: spec["selector"].value).matches(labels: labels.value) {
            findings.invalid(labels, "`selector` does not match template `labels`")
        }
        alwaysRestarts(spec["template"], &findings)
    }

    @Sendable static func daemonSet(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        workload(spec, old?["spec"], "daemonset", &findings)
        guard spec["updateStrategy"]["type"].string == "RollingUpdate" else { return }
        let update = spec["updateStrategy"]["rollingUpdate"]
        guard update.isSet else { return findings.missing(update) }
        findings.countOrPercent(update["maxUnavailable"], upToAll: true)
        findings.countOrPercent(update["maxSurge"], upToAll: true)
        switch (isZero(update["maxUnavailable"]), isZero(update["maxSurge"])) {
        case (true, true): findings.missing(update["maxUnavailable"], "cannot be 0 when maxSurge is 0")
        case (false, false): findings.invalid(update["maxSurge"], "may not be set when maxUnavailable is non-zero")
        default: break
        }
    }

    @Sendable static func statefulSet(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        workload(spec, nil, "statefulset", &findings)
        findings.nonNegative(spec["ordinals"]["start"])
        findings.nonNegative(spec["updateStrategy"]["rollingUpdate"]["partition"])
        guard let old else { return }
        let changeable: Set<String> = [
            "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
        ]
        func fixed(_ spec: FieldCursor) -> JSONValue {
            .object(JSONObject((spec.value?.object?.members ?? []).filter { !changeable.contains($0.key) }))
        }
        if !fixed(spec).isEquivalent(to: fixed(old["spec"])) {
            findings.forbidden(
                FieldCursor(nil, at: "spec"),
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
                    + "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            )
        }
    }

    @Sendable static func controllerRevision(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        findings.nonNegative(object["revision"])
        if let old { findings.immutable(object["data"], old["data"]) }
    }

    // MARK: - Common rules

    /// `name` is what upstream calls the kind when its selector is empty.
    private static func workload(
        _ spec: FieldCursor, _ old: FieldCursor?, _ name: String, _ findings: inout Findings
    ) {
        for name in ["replicas", "minReadySeconds", "revisionHistoryLimit"] { findings.nonNegative(spec[name]) }
        selector(spec, name, &findings)
        alwaysRestarts(spec["template"], &findings)
        if let old { findings.immutable(spec["selector"], old["selector"]) }
    }

    private static func selector(_ spec: FieldCursor, _ name: String, _ findings: inout Findings) {
        let selector = spec["selector"]
        guard selector.isSet else { return findings.missing(selector) }
        findings.labelSelector(selector)
        if selector["matchLabels"].isEmpty, selector["matchExpressions"].isEmpty {
            return findings.invalid(selector, "empty selector is invalid for \(name)")
        }
        guard let parsed = try? LabelSelector(json: selector.value) else { return }
        let labels = spec["template"]["metadata"]["labels"]
        if !parsed.matches(labels: labels.value) {
            findings.invalid(
                labels.holding(labels.value ?? .emptyObject),
                "`selector` does not match template `labels`")
        }
    }

    private static func alwaysRestarts(_ template: FieldCursor, _ findings: inout Findings) {
        podTemplate(template, &findings)
        findings.expect(template["spec"]["restartPolicy"], oneOf: ["Always"])
        if template["spec"]["activeDeadlineSeconds"].isSet {
            findings.forbidden(
                template["spec"]["activeDeadlineSeconds"], "activeDeadlineSeconds in ReplicaSet is not Supported")
        }
    }

    private static func isZero(_ field: FieldCursor) -> Bool {
        !field.isSet || field.integer == 0 || field.string == "0%"
    }
}
