import KubeAPI

/// CronJobs: which jobs are to be made, replaced and forgotten.
public enum CronJobs {
    /// More missed times than this mean that the clock or the schedule is wrong.
    static let missedLimit = 100

    /// - Parameters:
    ///   - jobs: those the object owns.
    ///   - zone: of `spec.timeZone`; nil when there is none of that name.
    public static func decide(_ cron: APIObject, jobs: [APIObject], zone: TimeZoneRules?, now: Int64) -> Decision {
        var round = CronRound(cron, jobs: jobs, now: now)
        round.cleanUp()
        if !cron.isBeingDeleted { round.schedule(zone) }
        round.report()
        return round.decision
    }
}

/// One look at a CronJob in the making.
private struct CronRound {
    let cron: APIObject
    let jobs: [APIObject]
    let now: Int64
    var status: JSONValue
    var decision = Decision()

    init(_ cron: APIObject, jobs: [APIObject], now: Int64) {
        self.cron = cron
        self.jobs = jobs
        self.now = now
        status = cron.status ?? .emptyObject
        trackActive()
    }

    private var active: [APIObject] { jobs.filter { !Jobs.isFinished($0) } }

    private mutating func trackActive() {
        for listed in cron.status?["active"]?.array ?? []
        where !jobs.contains(where: { $0.uid == listed["uid"]?.string }) {
            decision.events.append(
                EventText("MissingJob", "Active job went missing: \(listed["name"]?.string ?? "")"))
        }
        for job in jobs where Jobs.isFinished(job) {
            let result = Conditions.isTrue("Complete", in: job.status) ? "Complete" : "Failed"
            if isListed(job) {
                decision.events.append(
                    EventText("SawCompletedJob", "Saw completed job: \(job.name), condition: \(result)"))
            }
            if result == "Complete", let ended = job.status?["completionTime"] {
                let known = Timestamp.nanoseconds(status["lastSuccessfulTime"]) ?? .min
                if let time = Timestamp.nanoseconds(ended), time > known { status[path: "lastSuccessfulTime"] = ended }
            }
        }
        list(active.filter { !$0.isBeingDeleted })
    }

    private mutating func list(_ jobs: [APIObject]) {
        let references = jobs.sorted { $0.name < $1.name }.map { job -> JSONValue in
            [
                "apiVersion": "batch/v1", "kind": "Job", "namespace": .string(job.namespace),
                "name": .string(job.name), "uid": .string(job.uid),
            ]
        }
        status[path: "active"] = references.isEmpty ? nil : .array(references)
    }

    private func isListed(_ job: APIObject) -> Bool {
        cron.status?["active"]?.array?.contains { $0["uid"]?.string == job.uid } ?? false
    }

    /// Finished jobs beyond the history.
    mutating func cleanUp() {
        for (type, field, standard) in [
            ("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1),
        ] {
            let limit = max(0, Int(clamping: cron.spec?[field]?.integer ?? Int64(standard)))
            let ended = jobs.filter { Conditions.isTrue(type, in: $0.status) && !$0.isBeingDeleted }.sorted {
                let mine = $0.status?["startTime"]?.string ?? ""
                let its = $1.status?["startTime"]?.string ?? ""
                return (mine, $0.name) < (its, $1.name)
            }
            for job in ended.prefix(max(0, ended.count - limit)) {
                decision.perform(
                    .delete(.job, job, propagation: .background),
                    success: EventText("SuccessfulDelete", "Deleted job {name}"))
            }
        }
    }

    mutating func schedule(_ zone: TimeZoneRules?) {
        guard let text = cron.spec?["schedule"]?.string, cron.spec?["suspend"]?.bool != true else { return }
        guard let zone else {
            let name = cron.spec?["timeZone"]?.string ?? ""
            return decision.events.append(
                EventText(.warning, "UnknownTimeZone", "invalid timeZone: \"\(name)\": unknown time zone \(name)"))
        }
        let schedule: CronSchedule
        do {
            schedule = try CronSchedule(text)
        } catch {
            return decision.events.append(
                EventText(.warning, "UnparseableSchedule", "unparseable schedule: \"\(text)\" : \(error)"))
        }
        let (due, next) = times(schedule, zone)
        if let next {
            decision.look(after: Timestamp.wait(from: now, until: next * Timestamp.second) + .milliseconds(100))
        }
        guard let due else { return }
        start(due, zone)
    }

    /// The last time that has passed and was not served, and the next one; seconds since 1970.
    private mutating func times(_ schedule: CronSchedule, _ zone: TimeZoneRules) -> (due: Int64?, next: Int64?) {
        let seconds = now / Timestamp.second
        let last = Timestamp.nanoseconds(status["lastScheduleTime"])
        let created = Timestamp.nanoseconds(cron.metadata?["creationTimestamp"]) ?? now
        var earliest = (last ?? created) / Timestamp.second
        if let deadline = cron.spec?["startingDeadlineSeconds"]?.integer {
            earliest = max(earliest, seconds - min(max(0, deadline), 1 << 40))
        }
        var due: Int64?
        var count = 0
        var time = earliest
        while let next = schedule.next(after: time, zone: zone) {
            guard next <= seconds else { return (due, next) }
            (due, time, count) = (next, next, count + 1)
            guard count <= CronJobs.missedLimit else {
                decision.events.append(
                    EventText(
                        .warning, "TooManyMissedTimes",
                        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
                    ))
                // The last one counts; it is not far back.
                return (latest(schedule, zone, before: seconds), schedule.next(after: seconds, zone: zone))
            }
        }
        return (due, nil)
    }

    /// The last time not after `seconds`, found by steps back that double.
    private func latest(_ schedule: CronSchedule, _ zone: TimeZoneRules, before seconds: Int64) -> Int64? {
        var back: Int64 = 60
        while back < 1 << 32 {
            if var found = schedule.next(after: seconds - back, zone: zone), found <= seconds {
                for _ in 0..<1000 {
                    guard let next = schedule.next(after: found, zone: zone), next <= seconds else { break }
                    found = next
                }
                return found
            }
            back *= 2
        }
        return nil
    }

    private mutating func start(_ time: Int64, _ zone: TimeZoneRules) {
        let running = active
        switch cron.spec?["concurrencyPolicy"]?.string {
        case "Forbid" where !running.isEmpty:
            return decision.events.append(
                EventText(
                    "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is Forbid"))
        case "Replace":
            for job in running where !job.isBeingDeleted {
                decision.perform(
                    .delete(.job, job, propagation: .background),
                    success: EventText("SuccessfulDelete", "Deleted job {name}"))
            }
            list([])
        default: break
        }
        let job = make(time, zone)
        let name = job["metadata"]?["name"]?.string
        if !jobs.contains(where: { $0.name == name }) {
            decision.perform(
                .create(.job, namespace: cron.namespace, job),
                success: EventText("SuccessfulCreate", "Created job {name}"),
                failure: EventText(.warning, "FailedCreate", "Error creating job: {error}"))
        }
        status[path: "lastScheduleTime"] = .string(RFC3339.text(seconds: time))
    }

    /// Named after its time, so that it is made once.
    private func make(_ time: Int64, _ zone: TimeZoneRules) -> JSONValue {
        let template = cron.spec?["jobTemplate"]
        var metadata: JSONValue = [
            "name": .string("\(cron.name)-\(time / 60)"), "namespace": .string(cron.namespace),
            "ownerReferences": [OwnerReference(cron, .cronJob).json],
        ]
        for field in ["labels", "annotations"] {
            if let value = template?["metadata"]?[field] { metadata[path: field] = value }
        }
        metadata[path: "annotations", "batch.kubernetes.io/cronjob-scheduled-timestamp"] = .string(
            zone.text(of: time))
        return [
            "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template?["spec"] ?? .emptyObject,
        ]
    }

    mutating func report() {
        if let changed = cron.changing(status: status) { decision.perform(.updateStatus(.cronJob, changed)) }
    }
}
