import ControllerCore
import KubeAPI
import KubeClient

/// Lets deleted PersistentVolumeClaims go when no pod uses them any more.
public struct ClaimProtectionController: Controller {
    public static let name = "persistentvolumeclaim-protection-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .persistentVolumeClaim, context, workers: 2)
        loop.also(.pod) { change in
            guard let old = change.old, change.new?.hasFinished ?? true else { return [] }
            return StorageProtection.claims(of: old)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { claim in
            let known = context[.pod].objects(Indexes.namespace, claim.namespace)
            let decision = StorageProtection.decide(claim: claim, pods: known)
            guard StorageProtection.isWaiting(claim), !decision.actions.isEmpty else { return decision }
            // A pod that is not known here yet may use it.
            let selection = ResourceSelection(APIKind.pod.resource, namespace: claim.namespace)
            let pods = try await context.client.list(selection, as: APIObject.self).objects
            return StorageProtection.decide(claim: claim, pods: pods)
        }
    }
}
