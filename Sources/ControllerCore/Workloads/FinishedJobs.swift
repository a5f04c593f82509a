import KubeAPI

/// `spec.ttlSecondsAfterFinished` of jobs.
public enum FinishedJobs {
    public static func decide(_ job: APIObject, now: Int64) -> Decision {
        guard !job.isBeingDeleted, let seconds = job.spec?["ttlSecondsAfterFinished"]?.integer,
            let finished = finished(job)
        else { return Decision() }
        let end = Timestamp.adding(seconds: max(0, seconds), to: finished)
        guard end <= now else { return Decision(requeueAfter: Timestamp.wait(from: now, until: end)) }
        return Decision([Action(.delete(.job, job, propagation: .foreground))])
    }

    static func finished(_ job: APIObject) -> Int64? {
        for type in ["Complete", "Failed"] where Conditions.isTrue(type, in: job.status) {
            return Timestamp.nanoseconds(Conditions.find(type, in: job.status)?["lastTransitionTime"])
        }
        return nil
    }
}
