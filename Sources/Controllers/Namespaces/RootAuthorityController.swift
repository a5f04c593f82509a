import ControllerCore
import KubeAPI
import KubeClient

/// Sees to the ConfigMap `kube-root-ca.crt` in every namespace.
public struct RootAuthorityController: Controller {
    public static let name = "root-ca-certificate-publisher-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .namespace, context, workers: 1)
        loop.also(.configMap) { change in
            guard change.object.name == NamespaceContents.authorityName, change.old != nil else { return [] }
            return [NamespacedName(namespace: "", name: change.object.namespace)]
        }
    }

    public func run() async {
        let context = loop.context
        guard !context.settings.rootAuthority.isEmpty else {
            return context.logger.warning("no --root-ca-file: kube-root-ca.crt is not published")
        }
        await loop.decide { namespace in
            let key = NamespacedName(namespace: namespace.name, name: NamespaceContents.authorityName)
            return NamespaceContents.rootAuthority(
                namespace, authority: context.settings.rootAuthority, current: context[.configMap][key])
        }
    }
}
