import KubeAPI

extension Validation {
    @Sendable static func job(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, name) = (object["spec"], object["metadata"]["name"])
        if !spec["manualSelector"].isTrue, name.string.utf8.count > 63 {
            findings.invalid(name, [NameFormats.tooLong(63)])
        }
        JobSpecValidation.check(spec, &findings)
        jobSelector(spec, &findings)
        if old == nil, spec["completionMode"].string == "Indexed", let count = spec["completions"].integer, count > 0 {
            let host = "\(name.string)-\(count - 1)"
            if !NameFormats.dns1123Label(host).isEmpty {
                findings.invalid(name, "will not able to create pod with invalid DNS label: \(host)")
            }
        }
        if let old { jobUpdate(spec, old, &findings) }
    }

    private static func jobSelector(_ spec: FieldCursor, _ findings: inout Findings) {
        let selector = spec["selector"]
        guard selector.isSet else { return findings.missing(selector) }
        findings.labelSelector(selector)
        let labels = spec["template"]["metadata"]["labels"]
        if let parsed = try? LabelSelector(json: selector.value), !parsed.matches(labels: labels.value) {
            findings.invalid(
                labels.holding(labels.value ?? .emptyObject), "`selector` does not match template `labels`")
        }
    }

    private static func jobUpdate(_ spec: FieldCursor, _ object: FieldCursor, _ findings: inout Findings) {
        let old = object["spec"]
        completions(spec, old, &findings)
        findings.immutable(spec["selector"], old["selector"])
        let waits = old["suspend"].isTrue && !object["status"]["startTime"].isSet
        var (now, before) = (spec["template"].value ?? .null, old["template"].value ?? .null)
        if waits { (now, before) = (withoutPlacement(now), withoutPlacement(before)) }
        if !now.isEquivalent(to: before) { findings.invalid(spec["template"], "field is immutable") }
        for name in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] {
            findings.immutable(spec[name], old[name])
        }
    }

    /// An indexed Job grows and shrinks with its parallelism.
    private static func completions(_ spec: FieldCursor, _ old: FieldCursor, _ findings: inout Findings) {
        let count = spec["completions"]
        guard spec["completionMode"].string == "Indexed" else {
            return findings.immutable(count, old["completions"])
        }
        guard count.isSet, count.integer != old["completions"].integer else { return }
        if count.integer != spec["parallelism"].integer {
            findings.invalid(count, "can only be modified in tandem with spec.parallelism")
        }
    }

    /// What may change while no pod has been made (KEP-2926).
    private static func withoutPlacement(_ template: JSONValue) -> JSONValue {
        var template = template
        for name in ["labels", "annotations"] { template[path: "metadata", name] = nil }
        for name in ["nodeSelector", "tolerations", "schedulingGates"] { template[path: "spec", name] = nil }
        template[path: "spec", "affinity", "nodeAffinity"] = nil
        for path in [["spec", "affinity"], ["metadata"]]
        where template[path: path[...]]?.object?.members.isEmpty ?? false {
            template[path: path[...]] = nil
        }
        return template
    }

    // MARK: - CronJob

    @Sendable static func cronJob(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, name, schedule) = (object["spec"], object["metadata"]["name"], object["spec"]["schedule"])
        if schedule.isEmpty {
            findings.missing(schedule)
        } else {
            cronSchedule(schedule, timeZone: spec["timeZone"], old?["spec"]["schedule"].string ?? "", &findings)
        }
        findings.nonNegative(spec["startingDeadlineSeconds"])
        timeZone(spec["timeZone"], &findings)
        let job = spec["jobTemplate"]["spec"]
        JobSpecValidation.check(job, &findings)
        // Both are made for each Job.
        if job["selector"].isSet { findings.invalid(job["selector"], "`selector` will be auto-generated") }
        if job["manualSelector"].isTrue { findings.notSupported(job["manualSelector"], ["nil", "false"]) }
        for name in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] { findings.nonNegative(spec[name]) }
        // The controller appends eleven characters.
        if old == nil, name.string.utf8.count > 52 {
            findings.invalid(name, "must be no more than 52 characters")
        }
    }

    private static func cronSchedule(
        _ schedule: FieldCursor, timeZone: FieldCursor, _ old: String, _ findings: inout Findings
    ) {
        let hasZone = schedule.string.contains("TZ")
        let text = schedule.string
        let rest = text.contains("TZ=") ? String(text.drop { $0 != " " }.drop { $0 == " " }) : text
        if let fault = CronSchedule.fault(rest) { findings.invalid(schedule, fault) }
        if hasZone, !old.contains("TZ") {
            findings.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
        } else if hasZone, timeZone.isSet {
            findings.invalid(schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule")
        }
    }

    private static func timeZone(_ zone: FieldCursor, _ findings: inout Findings) {
        guard zone.isSet else { return }
        if zone.isEmpty {
            findings.invalid(zone, "timeZone must be nil or non-empty string")
        } else if zone.string.lowercased() == "local" {
            findings.invalid(
                zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
        } else if zone.string.contains("..") || zone.string.hasPrefix("/") || zone.string.hasPrefix("\\") {
            // Whether the zone is known, depends on the machine.
            findings.invalid(zone, "time: invalid location name")
        }
    }
}
