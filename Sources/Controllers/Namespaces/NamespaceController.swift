import ControllerCore
import KubeAPI
import KubeClient

/// Deletes what is in namespaces that are being deleted, and then lets them go.
public struct NamespaceController: Controller {
    public static let name = "namespace-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) { loop = ObjectLoop(Self.name, .namespace, context, workers: 10) }

    public func run() async {
        let context = loop.context
        await loop.decide { namespace in
            guard NamespaceDeletion.isDue(namespace) else { return Decision() }
            let findings = await NamespaceEmptying(client: context.client, namespace: namespace.name).run()
            return NamespaceDeletion.decide(namespace, findings, now: context.now)
        }
    }
}
