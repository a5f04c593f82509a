import ControllerCore
import KubeAPI
import KubeClient

/// Keeps the numbered pods of StatefulSets.
public struct StatefulSetController: Controller {
    public static let name = "statefulset-controller"
    private let loop: ObjectLoop
    private let pods: OwnedPods

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .statefulSet, context)
        pods = OwnedPods(loop)
        loop.owns(.controllerRevision)
        _ = context[.persistentVolumeClaim]
    }

    public func run() async {
        let context = loop.context
        await loop.run { key in
            guard let set = context[.statefulSet][key] else {
                pods.forget(key)
                return nil
            }
            let isSettled = pods.isSettled(key)
            let owned = try await pods.claim(set) { StatefulSets.isMember($0, of: set) }
            let plan = StatefulSets.decide(
                set, pods: owned, revisions: try await context.claimRevisions(of: set, .statefulSet),
                claim: { context[.persistentVolumeClaim][NamespacedName(namespace: key.namespace, name: $0)] },
                isSettled: isSettled, now: context.now)
            try await loop.prepare(plan.preparations, for: set)
            let failure = await pods.perform(
                creations: plan.creations, deletions: plan.deletions, uids: plan.deletedUIDs, for: set)
            let again = try await loop.perform(plan.status, about: set)
            if let failure, !failure.isNamespaceTerminating { throw failure }
            return again
        }
    }
}
