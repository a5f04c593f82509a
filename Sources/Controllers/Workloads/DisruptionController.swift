import ControllerCore
import KubeAPI
import KubeClient
import KubeSchema

/// Keeps the status of PodDisruptionBudgets.
public struct DisruptionController: Controller {
    public static let name = "disruption-controller"
    private let loop: ObjectLoop

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
        for kind in [APIKind.replicaSet, .statefulSet, .replicationController] { _ = context[kind] }
    }

    public func run() async {
        let context = loop.context
        let scales = Scales(context.client)
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

/// What owners of any kind want, by their scale subresource.
private actor Scales {
    private let client: KubeClient
    private var served: [DiscoveredResource] = []
    private var discovered: ContinuousClock.Instant?

    init(_ client: KubeClient) { self.client = client }

    /// nil of an owner that is gone or whose kind has no scale.
    func replicas(of owner: OwnerReference, in namespace: String) async throws(ClientError) -> Int64? {
        guard let resource = try await resource(of: owner) else { return nil }
        let key = NamespacedName(namespace: namespace, name: owner.name)
        do {
            let scale = try await client.json(KubeRequest(.get, path: resource.path(key) + "/scale"))
            return scale["metadata"]?["uid"]?.string == owner.uid ? scale["spec"]?["replicas"]?.integer ?? 0 : nil
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    private func resource(of owner: OwnerReference) async throws(ClientError) -> GroupVersionResource? {
        if let known = find(owner) { return known }
        // New kinds come seldom.
        if let discovered, .now - discovered < .seconds(30) { return nil }
        served = try await client.discover()
        discovered = .now
        return find(owner)
    }

    private func find(_ owner: OwnerReference) -> GroupVersionResource? {
        let parts = owner.apiVersion.split(separator: "/")
        let group = parts.count == 2 ? parts[0] : ""
        return served.first {
            $0.kind == owner.kind && $0.resource.group == group && $0.resource.isNamespaced
                && $0.subresources.contains("scale")
        }?.resource
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
