import ControllerCore
import KubeAPI
import KubeClient
import KubeSchema

/// Keeps the status of PodDisruptionBudgets.
public struct DisruptionController: Controller {
    public static let name = "disruption-controller"
    private let loop: ObjectLoop
    private let announced: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .podDisruptionBudget, context)
        loop.also(.pod) { change in
            if case .updated(let old, let new) = change, old.labels == new.labels, old.isReadyPod == new.isReadyPod,
                old.isActivePod == new.isActivePod
            {
                return []
            }
            return context[.podDisruptionBudget].objects(Indexes.namespace, change.object.namespace)
                .filter { budget in
                    let selector = try? LabelSelector(json: budget.spec?["selector"])
                    return [change.old, change.new].contains {
                        $0.map { selector?.matches(labels: $0.labels) ?? false } ?? false
                    }
                }.map(\.key)
        }
        announced = ObjectLoop("disruption-controller-stale-pods", .pod, context, workers: 1, watches: false)
        announced.also(.pod) { change in
            change.new.map { StaleDisruptions.isAnnounced($0) ? [$0.key] : [] } ?? []
        }
        for kind in [APIKind.replicaSet, .statefulSet, .replicationController] { _ = context[kind] }
    }

    public func run() async {
        let context = loop.context
        await withDiscardingTaskGroup { group in
            group.addTask { await announced.decide { StaleDisruptions.decide($0, now: context.now) } }
            group.addTask { await runBudgets() }
        }
    }

    private func runBudgets() async {
        let context = loop.context
        let scales = OwnerScales(context.client)
        await loop.decide { budget in
            let pods = context[.pod].objects(Indexes.namespace, budget.namespace)
            var foreign: [String: Int64] = [:]
            for pod in DisruptionBudgets.podsToScale(budget, pods: pods) where context.scale(of: pod) == nil {
                guard let owner = pod.controller, foreign[owner.uid] == nil else { continue }
                foreign[owner.uid] = try await scales.replicas(of: owner, in: budget.namespace)
            }
            return DisruptionBudgets.decide(
                budget, pods: pods,
                scale: { pod in
                    context.scale(of: pod)
                        ?? pod.controller.flatMap { owner in foreign[owner.uid].map { (owner.uid, $0) } }
                }, now: context.now)
        }
    }
}

extension ControllerContext {
    /// How many pods the owner of a pod wants: for a ReplicaSet of a Deployment, how many that wants.
    fileprivate func scale(of pod: APIObject) -> (uid: String, replicas: Int64)? {
        let kinds: [APIKind] = [.replicaSet, .statefulSet, .replicationController]
        guard let owner = owner(of: pod, among: kinds) else { return nil }
        let top = self.owner(of: owner, among: [.deployment]) ?? owner
        return (top.uid, top.spec?["replicas"]?.integer ?? 1)
    }

    private func owner(of object: APIObject, among kinds: [APIKind]) -> APIObject? {
        guard let reference = object.controller, let kind = kinds.first(where: { $0.kind == reference.kind }),
            let owner = self[kind][NamespacedName(namespace: object.namespace, name: reference.name)],
            owner.uid == reference.uid
        else { return nil }
        return owner
    }
}
