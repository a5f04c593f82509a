import ControllerCore
import KubeAPI
import KubeClient

/// Runs Jobs to their end.
public struct JobController: Controller {
    public static let name = "job-controller"
    private let loop: ObjectLoop
    private let pods: OwnedPods
    private let orphans: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .job, context)
        pods = OwnedPods(loop, finalizer: Jobs.finalizer)
        orphans = ObjectLoop("job-controller-orphans", .pod, context, workers: 2, watches: false)
        orphans.also(.pod) { change in
            guard let pod = change.new, OrphanedJobPods.isTracked(pod) else { return [] }
            let job = OrphanedJobPods.job(of: pod).flatMap { context[.job][$0] }
            return OrphanedJobPods.decide(pod, job: job).actions.isEmpty ? [] : [pod.key]
        }
        orphans.also(.job) { change in
            guard let old = change.old, change.new?.uid != old.uid else { return [] }
            return context[.pod].objects(Indexes.controller, old.uid).filter(OrphanedJobPods.isTracked).map(\.key)
        }
    }

    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await runJobs() }
            group.addTask {
                let context = orphans.context
                await orphans.decide { pod in
                    guard let key = OrphanedJobPods.job(of: pod) else {
                        return OrphanedJobPods.decide(pod, job: nil)
                    }
                    let known = context[.job][key]
                    if let known, known.uid == pod.controller?.uid { return Decision() }
                    return OrphanedJobPods.decide(pod, job: try await context.live(.job, key))
                }
            }
        }
    }

    private func runJobs() async {
        let context = loop.context
        await loop.run { key in
            guard let job = context[.job][key] else {
                pods.forget(key)
                return nil
            }
            guard Jobs.isOurs(job) else { return nil }
            let isSettled = pods.isSettled(key)
            let plan = Jobs.decide(job, pods: try await pods.claim(job), isSettled: isSettled, now: context.now)
            let again = try await loop.perform(plan.decision, about: job)
            if let failure = await loop.performAll(plan.releases, about: job).failure, !failure.isNotFound {
                throw failure
            }
            if !plan.creations.isEmpty || !plan.deletions.isEmpty {
                let failure = await pods.perform(
                    creations: plan.creations, deletions: plan.deletions, uids: plan.deletedUIDs, for: job)
                if let failure, !failure.isNamespaceTerminating { throw failure }
            }
            return again
        }
    }
}
