import KubeAPI

/// Deployment, ReplicaSet, ReplicationController, DaemonSet, StatefulSet and ControllerRevision.
extension Validation {
    @Sendable static func deployment(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        workload(spec, old?["spec"], "deployment", "ReplicaSet", &findings)
        let strategy = spec["strategy"]
        switch strategy["type"].string {
        case "Recreate":
            if strategy["rollingUpdate"].isSet {
                findings.forbidden(
                    strategy["rollingUpdate"], "may not be specified when strategy `type` is 'Recreate'")
            }
        case "RollingUpdate":
            let update = strategy["rollingUpdate"]
            guard update.isSet else { return findings.missing(update, "this should be defaulted and never be nil") }
            findings.countOrPercent(update["maxUnavailable"], upToAll: true)
            findings.countOrPercent(update["maxSurge"])
            if isZero(update["maxUnavailable"]), isZero(update["maxSurge"]) {
                findings.invalid(update["maxUnavailable"], "may not be 0 when `maxSurge` is 0")
            }
        default: findings.notSupported(strategy, ["Recreate", "RollingUpdate"])
        }
        if let deadline = spec["progressDeadlineSeconds"].integer {
            findings.nonNegative(spec["progressDeadlineSeconds"])
            if deadline <= spec["minReadySeconds"].integer ?? 0 {
                findings.invalid(spec["progressDeadlineSeconds"], "must be greater than minReadySeconds")
            }
        }
    }

    @Sendable static func replicaSet(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        workload(object["spec"], old?["spec"], "deployment", "ReplicaSet", &findings)
    }

    @Sendable static func replicationController(
        _ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings
    ) {
        let spec = object["spec"]
        findings.nonNegative(spec["minReadySeconds"])
        findings.nonNegative(spec["replicas"])
        findings.require(spec["selector"])
        guard spec["template"].isSet else { return findings.missing(spec["template"]) }
        podTemplate(spec["template"], &findings)
        let labels = spec["template"]["metadata"]["labels"]
        if !spec["selector"].isEmpty, !LabelSelector(labels: spec["selector"].value).matches(labels: labels.value) {
            findings.invalid(
                labels.holding(labels.value ?? .emptyObject), "`selector` does not match template `labels`")
        }
        alwaysRestarts(spec["template"]["spec"], "ReplicationController", &findings)
    }

    @Sendable static func daemonSet(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        workload(spec, old?["spec"], "daemonset", "DaemonSet", &findings)
        let strategy = spec["updateStrategy"]
        guard strategy["type"].string == "RollingUpdate" else {
            if strategy["type"].string != "OnDelete" { findings.notSupported(strategy, ["RollingUpdate", "OnDelete"]) }
            return
        }
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
        let claims = spec["volumeClaimTemplates"].items.map { $0["metadata"]["name"].string }
        workload(spec, nil, "statefulset", "StatefulSet", claims: claims, &findings)
        managesPods(spec, &findings)
        findings.nonNegative(spec["ordinals"]["start"])
        findings.expect(spec["serviceName"], NameFormats.dns1123Label)
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

    private static func managesPods(_ spec: FieldCursor, _ findings: inout Findings) {
        let (policy, strategy) = (spec["podManagementPolicy"], spec["updateStrategy"])
        findings.require(policy)
        if !policy.isEmpty, !["OrderedReady", "Parallel"].contains(policy.string) {
            findings.invalid(policy, "must be 'OrderedReady' or 'Parallel'")
        }
        let update = strategy["rollingUpdate"]
        switch strategy["type"].string {
        case "": findings.missing(strategy)
        case "OnDelete":
            if update.isSet { findings.invalid(update, "only allowed for updateStrategy 'RollingUpdate'") }
        case "RollingUpdate":
            findings.nonNegative(update["partition"])
            guard update["maxUnavailable"].isSet else { break }
            findings.countOrPercent(update["maxUnavailable"], upToAll: true)
            if isZero(update["maxUnavailable"]) { findings.invalid(update["maxUnavailable"], "cannot be 0") }
        default: findings.invalid(strategy, "must be 'RollingUpdate' or 'OnDelete'")
        }
        let retention = spec["persistentVolumeClaimRetentionPolicy"]
        for name in ["whenDeleted", "whenScaled"] {
            findings.expect(retention[name], oneOf: ["Retain", "Delete"])
        }
    }

    @Sendable static func controllerRevision(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        if !object["data"].isSet { findings.missing(object["data"], "data is mandatory") }
        findings.nonNegative(object["revision"])
        if let old { findings.immutable(object["data"], old["data"]) }
    }

    // MARK: - Common rules

    /// `name` is what upstream calls the kind when its selector is empty, `kind` when its pods end.
    private static func workload(
        _ spec: FieldCursor, _ old: FieldCursor?, _ name: String, _ kind: String, claims: [String] = [],
        _ findings: inout Findings
    ) {
        for name in ["replicas", "minReadySeconds", "revisionHistoryLimit"] { findings.nonNegative(spec[name]) }
        selector(spec, name, &findings)
        podTemplate(spec["template"], in: .init(otherVolumes: claims), &findings)
        alwaysRestarts(spec["template"]["spec"], kind, &findings)
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

    private static func alwaysRestarts(_ spec: FieldCursor, _ kind: String, _ findings: inout Findings) {
        let policy = spec["restartPolicy"]
        if policy.string != "Always" { findings.notSupported(policy, ["Always"]) }
        if spec["activeDeadlineSeconds"].isSet {
            findings.forbidden(
                spec["activeDeadlineSeconds"], "activeDeadlineSeconds in \(kind) is not Supported")
        }
    }

    private static func isZero(_ field: FieldCursor) -> Bool {
        !field.isSet || field.integer == 0 || field.string == "0%"
    }
}
