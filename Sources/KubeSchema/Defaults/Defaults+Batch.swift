import KubeAPI

extension Defaults {
    static let batch: [String: Function] = ["batch/v1/Job": job, "batch/v1/CronJob": { $0.edit("spec", cronJob) }]

    private static func job(_ job: inout JSONValue) {
        if let labels = job[path: "spec", "template", "metadata", "labels"] {
            job.edit("metadata") { $0.setIfEmpty("labels", labels) }
        }
        job.edit("spec") { spec in
            if !spec.has("completions"), !spec.has("parallelism") { spec.put("completions", 1) }
            spec.setDefault("parallelism", 1)
            spec.setDefault("backoffLimit", spec.has("backoffLimitPerIndex") ? 2_147_483_647 : 6)
            spec.setDefault("completionMode", "NonIndexed")
            spec.setDefault("suspend", false)
            spec.setDefault("manualSelector", false)
            spec.setDefault("podReplacementPolicy", spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed")
            spec.edit("podFailurePolicy") { policy in
                policy.editEach("rules") { rule in
                    rule.editEach("onPodConditions") { $0.setIfEmpty("status", "True") }
                }
            }
            spec.edit("template", podTemplate)
        }
    }

    private static func cronJob(_ spec: inout JSONValue) {
        spec.setIfEmpty("concurrencyPolicy", "Allow")
        spec.setDefault("suspend", false)
        spec.setDefault("successfulJobsHistoryLimit", 3)
        spec.setDefault("failedJobsHistoryLimit", 1)
        spec.edit("jobTemplate") { $0.edit("spec") { $0.edit("template", podTemplate) } }
    }
}
