import ControllerCore
import KubeAPI
import KubeClient
import KubeSchema

/// Rolls Deployments out.
public struct DeploymentController: Controller {
    public static let name = "deployment-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .deployment, context)
        loop.owns(.replicaSet)
        loop.also(.replicaSet) { change in
            guard let set = change.new, set.controller == nil else { return [] }
            return context[.deployment].objects(Indexes.namespace, set.namespace)
                .filter { LabelSelector.of($0).matches(labels: set.labels) }.map(\.key)
        }
        // The last old pod of a deployment that recreates: no ReplicaSet tells of its end.
        loop.also(.pod) { change in
            let ended = change.new.map { $0.hasFinished && change.old?.hasFinished == false } ?? true
            guard ended, let owner = change.object.controller, owner.kind == "ReplicaSet",
                let set = context[.replicaSet][
                    NamespacedName(namespace: change.object.namespace, name: owner.name)],
                let deployment = set.controller
            else { return [] }
            return [NamespacedName(namespace: set.namespace, name: deployment.name)]
        }
    }

    public func run() async {
        let context = loop.context
        await loop.run { key in
            guard let deployment = context[.deployment][key] else { return nil }
            let sets = try await claim(deployment)
            let decision = Deployments.decide(
                deployment, sets: sets,
                hasRunningPods: { uids in
                    uids.contains { context[.pod].objects(Indexes.controller, $0).contains { !$0.hasFinished } }
                }, now: context.now)
            do {
                return try await loop.perform(decision, about: deployment)
            } catch let error as ClientError where error.isAlreadyExists {
                try await resolveCollision(deployment, decision)
                throw error
            } catch let error as ClientError where !error.isNamespaceTerminating && !error.isConflict {
                try await tellOfFailure(deployment, decision, error)
                throw error
            }
        }
    }

    private func claim(_ deployment: APIObject) async throws -> [APIObject] {
        let informer = loop.context[.replicaSet]
        let candidates =
            informer.objects(Indexes.controller, deployment.uid)
            + informer.objects(Indexes.orphan, deployment.namespace)
        let claims = Claims(
            of: deployment, .deployment, selector: .of(deployment), kind: .replicaSet, candidates: candidates)
        try await loop.context.write(claims, for: deployment, .deployment)
        return claims.owned
    }

    /// Nothing when it was not the new ReplicaSet that could not be made.
    private func tellOfFailure(_ deployment: APIObject, _ decision: Decision, _ error: ClientError) async throws {
        let context = loop.context
        guard let name = decision.actions.map(\.write).first(where: \.isCreation)?.name,
            context[.replicaSet][NamespacedName(namespace: deployment.namespace, name: name)] == nil
        else { return }
        let told = Deployments.failed(deployment, creating: name, error.short, now: context.now)
        _ = try await loop.perform(told, about: deployment)
    }

    private func resolveCollision(_ deployment: APIObject, _ decision: Decision) async throws {
        for case .create(let kind, let namespace, let object) in decision.actions.map(\.write) {
            let key = NamespacedName(namespace: namespace, name: object["metadata"]?["name"]?.string ?? "")
            let existing = try await loop.context.client.get(kind.resource, key)
            _ = try await loop.perform(Deployments.collided(deployment, with: existing), about: deployment)
        }
    }
}
