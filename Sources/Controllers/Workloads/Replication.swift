import ControlLoops
import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// What ReplicaSets and ReplicationControllers share.
final class Replication: Sendable {
    private let kind: APIKind
    private let context: ControllerContext
    private let loop: ObjectLoop
    private let pods: OwnedPods

    init(_ name: String, _ kind: APIKind, _ context: ControllerContext) {
        self.kind = kind
        self.context = context
        loop = ObjectLoop(name, kind, context)
        pods = OwnedPods(loop) { ReplicaSets.selector($0, kind) }
    }

    func run() async {
        await loop.run { [self] key in
            guard let set = context[kind][key] else {
                pods.forget(key)
                return nil
            }
            return try await sync(set)
        }
    }

    private func sync(_ set: APIObject) async throws -> Duration? {
        let isSettled = pods.isSettled(set.key)
        let owned = try await pods.claim(set)
        var failure: Condition?
        if isSettled {
            let scaling = ReplicaSets.scale(set, kind, pods: owned) {
                guard let owner = set.controller else { return owned }
                return context[kind].objects(Indexes.controller, owner.uid).flatMap(pods.owned)
            }
            failure = await perform(scaling, set)
        }
        // What was just made is in the informer already.
        let current = context[kind][set.key] ?? set
        let decision = ReplicaSets.status(
            current, kind, pods: pods.owned(by: current), failure: failure, now: context.now)
        let again = try await loop.perform(decision, about: current)
        if let failure { throw Unfinished(description: failure.message) }
        return again
    }

    private func perform(_ scaling: ReplicaSets.Scaling, _ set: APIObject) async -> Condition? {
        guard !scaling.creations.isEmpty || !scaling.deletions.isEmpty else { return nil }
        let error = await pods.perform(
            creations: scaling.creations, deletions: scaling.deletions, uids: scaling.deletedUIDs, for: set)
        guard let error, !error.isNamespaceTerminating else { return nil }
        return ReplicaSets.failure(creating: !scaling.creations.isEmpty, error.short)
    }
}
