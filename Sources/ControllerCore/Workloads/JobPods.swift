import KubeAPI

/// What a job asks of its pods.
enum JobPods {
    static let finalizer = "batch.kubernetes.io/job-tracking"
    static let indexKey = "batch.kubernetes.io/job-completion-index"

    static func isTracked(_ pod: APIObject) -> Bool { pod.finalizers.contains(finalizer) }

    static func index(_ pod: APIObject) -> Int? { pod.annotation(indexKey).flatMap { Int($0) } }

    /// Failed, or about to be: by default a pod that is being deleted is replaced at once.
    static func hasFailed(_ pod: APIObject, waitsForEnd: Bool) -> Bool {
        pod.podPhase == "Failed" || (!waitsForEnd && pod.isBeingDeleted && pod.podPhase != "Succeeded")
    }

    static func untracked(_ pod: APIObject) -> Write {
        .patch(
            .pod, pod.key, .merge,
            [
                "metadata": [
                    "uid": .string(pod.uid),
                    "finalizers": .array(pod.finalizers.filter { $0 != finalizer }.map { .string($0) }),
                ]
            ])
    }

    /// When its containers ended; nil while one runs.
    static func finished(_ pod: APIObject) -> Int64? {
        let ends = (pod.status?["containerStatuses"]?.array ?? []).compactMap {
            Timestamp.nanoseconds($0["state"]?["terminated"]?["finishedAt"])
        }
        return ends.max() ?? Timestamp.nanoseconds(pod.metadata?["deletionTimestamp"])
            ?? Timestamp.nanoseconds(Conditions.find("Ready", in: pod.status)?["lastTransitionTime"])
    }

    /// A pod of the job; with an index for Indexed jobs.
    static func make(_ job: APIObject, index: Int?) -> JSONValue {
        let prefix = index.map { "\(job.name)-\($0)" }
        var pod = PodTemplate.pod(job.spec?["template"], owner: job, .job, prefix: prefix)
        pod[path: "metadata", "finalizers"] = .array(
            (pod["metadata"]?["finalizers"]?.array ?? []) + [.string(finalizer)])
        guard let index else { return pod }
        let text = JSONValue.string(String(index))
        pod[path: "metadata", "annotations", indexKey] = text
        pod[path: "metadata", "labels", indexKey] = text
        if pod["spec"]?["hostname"] == nil { pod[path: "spec", "hostname"] = .string("\(job.name)-\(index)") }
        for field in ["containers", "initContainers"] {
            guard let containers = pod["spec"]?[field]?.array else { continue }
            pod[path: "spec", field] = .array(containers.map(withIndex))
        }
        return pod
    }

    private static func withIndex(_ container: JSONValue) -> JSONValue {
        let variables = container["env"]?.array ?? []
        guard !variables.contains(where: { $0["name"]?.string == "JOB_COMPLETION_INDEX" }) else { return container }
        var container = container
        container[path: "env"] = .array(
            variables + [
                [
                    "name": "JOB_COMPLETION_INDEX",
                    "valueFrom": ["fieldRef": ["fieldPath": .string("metadata.annotations['\(indexKey)']")]],
                ]
            ])
        return container
    }
}

/// `spec.podFailurePolicy`: what a failed pod means.
enum PodFailurePolicy {
    enum Verdict: Hashable {
        case counts, ignored, failsIndex
        case failsJob(String)
    }

    static func judge(_ pod: APIObject, _ job: APIObject) -> Verdict {
        // A pod that has not come to its end says nothing yet.
        guard pod.podPhase == "Failed" else { return .counts }
        for (index, rule) in (job.spec?["podFailurePolicy"]?["rules"]?.array ?? []).enumerated() {
            guard let found = match(rule, pod) else { continue }
            switch rule["action"]?.string {
            case "Ignore": return .ignored
            case "FailIndex": return .failsIndex
            case "FailJob": return .failsJob("\(found) matching FailJob rule at index \(index)")
            default: return .counts
            }
        }
        return .counts
    }

    /// What matched, in upstream's words; nil when nothing did.
    private static func match(_ rule: JSONValue, _ pod: APIObject) -> String? {
        if let codes = rule["onExitCodes"] { return matchCodes(codes, pod) }
        for pattern in rule["onPodConditions"]?.array ?? [] {
            let type = pattern["type"]?.string ?? ""
            if Conditions.find(type, in: pod.status)?["status"]?.string == pattern["status"]?.string ?? "True" {
                return "Pod \(pod.key) has condition \(type)"
            }
        }
        return nil
    }

    private static func matchCodes(_ codes: JSONValue, _ pod: APIObject) -> String? {
        let values = Set(codes["values"]?.array?.compactMap(\.integer) ?? [])
        let statuses = ["initContainerStatuses", "containerStatuses"].flatMap { pod.status?[$0]?.array ?? [] }
        for status in statuses {
            let name = status["name"]?.string ?? ""
            if let wanted = codes["containerName"]?.string, wanted != name { continue }
            guard let code = status["state"]?["terminated"]?["exitCode"]?.integer, code != 0 else { continue }
            if values.contains(code) == (codes["operator"]?.string == "In") {
                return "Container \(name) for pod \(pod.key) failed with exit code \(code)"
            }
        }
        return nil
    }
}
