import KubeAPI

extension Validation {
    @Sendable static func job(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        jobSpec(spec, &findings)
        if !spec["selector"].isSet { findings.missing(spec["selector"]) }
        if !spec["manualSelector"].isTrue, object["metadata"]["name"].string.utf8.count > 63 {
            findings.invalid(object["metadata"]["name"], [NameFormats.tooLong(63)])
        }
        guard let old = old?["spec"] else { return }
        for name in [
            "selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy",
        ] { findings.immutable(spec[name], old[name]) }
        let scalesWithParallelism =
            spec["completionMode"].string == "Indexed" && spec["completions"].integer == spec["parallelism"].integer
            && spec["completions"].isSet
        if !scalesWithParallelism { findings.immutable(spec["completions"], old["completions"]) }
        if !old["suspend"].isTrue { findings.immutable(spec["template"], old["template"]) }
    }

    @Sendable static func cronJob(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let spec = object["spec"]
        let name = object["metadata"]["name"]
        // The controller appends eleven characters.
        if name.string.utf8.count > 52 { findings.invalid(name, ["must be no more than 52 characters"]) }
        let schedule = spec["schedule"]
        if schedule.isEmpty {
            findings.missing(schedule)
        } else if schedule.string.contains("TZ=") {
            findings.invalid(schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
        } else if let fault = CronSchedule.fault(schedule.string) {
            findings.invalid(schedule, fault)
        }
        if spec["timeZone"].isSet {
            let zone = spec["timeZone"]
            if zone.isEmpty {
                findings.invalid(zone, "timeZone must be nil or non-empty string")
            } else if zone.string.lowercased() == "local" {
                findings.invalid(
                    zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
            }
        }
        for name in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
            findings.nonNegative(spec[name])
        }
        let job = spec["jobTemplate"]["spec"]
        jobSpec(job, &findings)
        if job["manualSelector"].isTrue {
            findings.add(
                FieldError(.notSupported, job["manualSelector"].path, true, "supported values: \"nil\", \"false\""))
        }
        if job["selector"].isSet { findings.invalid(job["selector"], "`selector` will be auto-generated") }
    }

    private static func jobSpec(_ spec: FieldCursor, _ findings: inout Findings) {
        for name in [
            "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished",
            "backoffLimitPerIndex", "maxFailedIndexes",
        ] { findings.nonNegative(spec[name]) }
        if spec["completionMode"].string == "Indexed" {
            if !spec["completions"].isSet {
                findings.missing(spec["completions"], "when completion mode is Indexed")
            }
            if let count = spec["parallelism"].integer, count > 100_000 {
                findings.invalid(
                    spec["parallelism"], "must be less than or equal to 100000 when completion mode is Indexed")
            }
        }
        podTemplate(spec["template"], &findings)
        let policy = spec["template"]["spec"]["restartPolicy"]
        if policy.isEmpty || policy.string == "Always" {
            findings.missing(policy, "valid values: \"OnFailure\", \"Never\"")
        }
        if spec["podFailurePolicy"].isSet, policy.string != "Never" {
            findings.invalid(policy, "only \"Never\" is supported when podFailurePolicy is specified")
        }
        findings.atMost(spec["podFailurePolicy"]["rules"], items: 20)
        findings.atMost(spec["successPolicy"]["rules"], items: 20)
    }
}

/// The five fields of cron, or `@daily` and its like.
enum CronSchedule {
    private static let macros: Set<String> = [
        "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// nil when it is a schedule.
    static func fault(_ text: String) -> String? {
        if text.hasPrefix("@") {
            return macros.contains(text) || text.hasPrefix("@every ") ? nil : "unrecognized descriptor: \(text)"
        }
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 5 else {
            return "expected exactly 5 fields, found \(fields.count): \(fields.map(String.init))"
        }
        let bounds: [(Int, Int, [String], Int)] = [
            (0, 59, [], 0), (0, 23, [], 0), (1, 31, [], 0), (1, 12, months, 1), (0, 6, days, 0),
        ]
        for (field, bound) in zip(fields, bounds) {
            for part in field.split(separator: ",", omittingEmptySubsequences: false) {
                if let fault = fault(of: part, bound) { return fault }
            }
        }
        return nil
    }

    private static func fault(of part: Substring, _ bound: (low: Int, high: Int, names: [String], first: Int))
        -> String?
    {
        let steps = part.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count <= 2, steps.count == 1 || Int(steps[1]).map({ $0 > 0 }) ?? false else {
            return "failed to parse step of \(part)"
        }
        if steps[0] == "*" || steps[0] == "?" { return nil }
        var last = bound.low
        let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2 else { return "too many hyphens: \(part)" }
        for end in ends {
            let named = bound.names.firstIndex(of: end.lowercased()).map { $0 + bound.first }
            guard let number = named ?? Int(end) else { return "failed to parse int from \(end): \(part)" }
            if number < bound.low { return "beginning of range (\(number)) below minimum (\(bound.low)): \(part)" }
            if number > bound.high { return "end of range (\(number)) above maximum (\(bound.high)): \(part)" }
            if number < last { return "beginning of range (\(last)) beyond end of range (\(number)): \(part)" }
            last = number
        }
        return nil
    }
}
