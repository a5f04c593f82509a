import KubeAPI

/// The rules of a Job's specification, in a Job and in what a CronJob makes.
struct JobSpecValidation {
    private let spec: FieldCursor
    private var findings = Findings()
    private var isIndexed: Bool { spec["completionMode"].string == "Indexed" }

    static func check(_ spec: FieldCursor, _ findings: inout Findings) {
        var validation = JobSpecValidation(spec)
        validation.run()
        for error in validation.findings.errors { findings.add(error) }
    }

    private init(_ spec: FieldCursor) { self.spec = spec }

    private mutating func run() {
        for name in [
            "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
            "backoffLimitPerIndex", "maxFailedIndexes",
        ] { findings.nonNegative(spec[name]) }
        if spec["maxFailedIndexes"].isSet, !spec["backoffLimitPerIndex"].isSet {
            findings.missing(spec["backoffLimitPerIndex"], "when maxFailedIndexes is specified")
        }
        if spec["managedBy"].isSet {
            findings.domainPrefixedPath(spec["managedBy"])
            findings.atMost(spec["managedBy"], bytes: 63)
        }
        if isIndexed {
            indexed()
        } else {
            for field in spec.set(among: ["backoffLimitPerIndex", "maxFailedIndexes"]) {
                findings.invalid(field, "requires indexed completion mode")
            }
        }
        if spec["podFailurePolicy"].isSet { failurePolicy(spec["podFailurePolicy"]["rules"]) }
        if spec["successPolicy"].isSet { successPolicy(spec["successPolicy"]) }
        if spec["podFailurePolicy"].isSet, !spec["podReplacementPolicy"].isEmpty {
            findings.expect(spec["podReplacementPolicy"], oneOf: ["Failed"])
        }
        Validation.podTemplate(spec["template"], &findings)
        restartPolicy()
    }

    private mutating func indexed() {
        let (parallelism, completions, failed) = (
            spec["parallelism"], spec["completions"], spec["maxFailedIndexes"]
        )
        if !completions.isSet { findings.missing(completions, "when completion mode is Indexed") }
        if let count = parallelism.integer, count > 100_000 {
            findings.invalid(parallelism, "must be less than or equal to 100000 when completion mode is Indexed")
        }
        if let most = failed.integer, let count = completions.integer, most > count {
            findings.invalid(failed, "must be less than or equal to completions")
        }
        if let most = failed.integer, most > 100_000 {
            findings.invalid(failed, "must be less than or equal to 100000")
        }
        guard let count = completions.integer, count > 100_000, spec["backoffLimitPerIndex"].isSet else { return }
        if !failed.isSet { findings.missing(failed, "must be specified when completions is above 100000") }
        for field in [parallelism, failed] where field.integer ?? 0 > 10_000 {
            findings.invalid(
                field,
                "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per "
                    + "index")
        }
    }

    private mutating func restartPolicy() {
        let policy = spec["template"]["spec"]["restartPolicy"]
        switch policy.string {
        case "", "Always": findings.missing(policy, "valid values: \"OnFailure\", \"Never\"")
        case "OnFailure":
            if spec["podFailurePolicy"].isSet {
                findings.invalid(policy, "only \"Never\" is supported when podFailurePolicy is specified")
            }
        case "Never": break
        default: findings.notSupported(policy, ["OnFailure", "Never"])
        }
    }

    // MARK: - Policies

    private mutating func failurePolicy(_ rules: FieldCursor) {
        findings.atMost(rules, items: 20)
        let pod = spec["template"]["spec"]
        let names = Set((pod["containers"].items + pod["initContainers"].items).map { $0["name"].string })
        for rule in rules.items {
            let (action, codes, conditions) = (rule["action"], rule["onExitCodes"], rule["onPodConditions"])
            if action.isEmpty {
                findings.missing(action, #"valid values: ["Count" "FailIndex" "FailJob" "Ignore"]"#)
            } else if action.string == "FailIndex", !spec["backoffLimitPerIndex"].isSet {
                findings.invalid(action, "requires the backoffLimitPerIndex to be set")
            }
            if codes.isSet { exitCodes(codes, names) }
            podConditions(conditions)
            if codes.isSet == !conditions.isEmpty {
                let rest =
                    codes.isSet
                    ? "both OnExitCodes and OnPodConditions is not supported"
                    : "one of OnExitCodes and OnPodConditions is required"
                findings.add(FieldError(.invalid, rule.path, nil, "specifying \(rest)"))
            }
        }
    }

    private mutating func podConditions(_ list: FieldCursor) {
        findings.atMost(list, items: 20)
        for pattern in list.items {
            let (type, status) = (pattern["type"], pattern["status"])
            findings.invalid(type.holding(.string(type.string)), NameFormats.qualifiedName(type.string))
            if status.isEmpty {
                findings.missing(status, #"valid values: ["False" "True" "Unknown"]"#)
            } else {
                findings.expect(status, oneOf: ["False", "True", "Unknown"])
            }
        }
    }

    private mutating func exitCodes(_ requirement: FieldCursor, _ names: Set<String>) {
        let (name, values) = (requirement["containerName"], requirement["values"])
        if requirement["operator"].isEmpty {
            findings.missing(requirement["operator"], #"valid values: ["In" "NotIn"]"#)
        }
        if name.isSet, !names.contains(name.string) {
            findings.invalid(name, "must be one of the container or initContainer names in the pod template")
        }
        if values.isEmpty {
            findings.invalid(values.holding(values.value ?? .null), "at least one value is required")
        }
        findings.atMost(values, items: 255)
        var seen: Set<Int64> = []
        for value in values.items {
            guard let code = value.integer else { continue }
            if code == 0, requirement["operator"].string == "In" {
                findings.invalid(value, "must not be 0 for the In operator")
            }
            if !seen.insert(code).inserted { findings.duplicate(value) }
        }
        let codes = values.items.compactMap(\.integer)
        if codes != codes.sorted() { findings.invalid(values, "must be ordered") }
    }

    private mutating func successPolicy(_ policy: FieldCursor) {
        guard isIndexed else { return findings.invalid(policy, "requires indexed completion mode") }
        let rules = policy["rules"]
        findings.require(rules, "at least one rules must be specified when the successPolicy is specified")
        findings.atMost(rules, items: 20)
        for rule in rules.items {
            let count = rule["succeededCount"]
            if !count.isSet, !rule["succeededIndexes"].isSet {
                findings.missing(rule, "at least one of succeededCount or succeededIndexes must be specified")
            }
            findings.nonNegative(count)
            let indexes = rule["succeededIndexes"]
            var total = Int64.max
            do throws(Fault) {
                if indexes.isSet {
                    total = try Self.indexes(in: indexes.string, below: spec["completions"].integer ?? 0)
                }
            } catch {
                findings.invalid(indexes, "error parsing succeededIndexes: \(error.text)")
            }
            guard let number = count.integer, let all = spec["completions"].integer else { continue }
            if number > all {
                findings.invalid(
                    count, "must be less than or equal to \(all) (the number of specified completions)")
            }
            if number > total {
                findings.invalid(
                    count,
                    "must be less than or equal to \(total) (the number of indexes in the specified succeededIndexes field)"
                )
            }
        }
    }

    private struct Fault: Error { var text: String }

    /// How many indexes `1,3-5` are.
    private static func indexes(in text: String, below completions: Int64) throws(Fault) -> Int64 {
        var (last, total): (Int64?, Int64) = (nil, 0)
        guard !text.isEmpty else { return 0 }
        for interval in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = interval.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2 else {
                throw Fault(
                    text:
                        "the fragment \"\(interval)\" violates the requirement that an index interval can have at most "
                        + "two parts separated by '-'")
            }
            for (position, end) in ends.enumerated() {
                guard let index = Int64(end) else {
                    throw Fault(text: "cannot convert string to integer for index: \"\(end)\"")
                }
                if let last, last >= index {
                    throw Fault(text: "non-increasing order, previous: \(last), current: \(index)")
                }
                guard index < completions else { throw Fault(text: "too large index: \"\(end)\"") }
                total += position == 0 ? 1 : index - (last ?? index)
                last = index
            }
        }
        return total
    }
}
