import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// Keeps the pods of DaemonSets on their nodes.
public struct DaemonSetController: Controller {
    public static let name = "daemonset-controller"
    private let loop: ObjectLoop
    private let pods: OwnedPods
    private let failures = Failures()

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .daemonSet, context)
        pods = OwnedPods(loop)
        loop.owns(.controllerRevision)
        loop.also(.node) { change in
            if case .updated(let old, let new) = change, old.labels == new.labels,
                old.spec?["taints"] == new.spec?["taints"]
            {
                return []
            }
            return context[.daemonSet].objects.map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.run { key in
            guard let set = context[.daemonSet][key] else {
                pods.forget(key)
                failures.forget(key)
                return nil
            }
            let isSettled = pods.isSettled(key)
            let owned = try await pods.claim(set)
            let revisions = try await context.claimRevisions(of: set, .daemonSet)
            var known = failures[key]
            let plan = DaemonSets.decide(
                set, nodes: context[.node].objects, pods: owned, revisions: revisions, failures: &known,
                isSettled: isSettled, now: context.now)
            failures[key] = known
            try await loop.prepare(plan.revisions, for: set)
            let failure = await pods.perform(
                creations: plan.creations, deletions: plan.deletions, uids: plan.deletedUIDs, for: set)
            let again = try await loop.perform(plan.status, about: set)
            if let failure, !failure.isNamespaceTerminating { throw failure }
            return again
        }
    }
}

/// Those of each set. Only the worker that has a set's key looks at them.
private final class Failures: Sendable {
    private let sets = Mutex<[NamespacedName: DaemonFailures]>([:])

    subscript(key: NamespacedName) -> DaemonFailures {
        get { sets.withLock { $0[key] ?? DaemonFailures() } }
        set { sets.withLock { $0[key] = newValue } }
    }

    func forget(_ key: NamespacedName) { sets.withLock { $0[key] = nil } }
}
