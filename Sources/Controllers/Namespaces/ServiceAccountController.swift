import ControllerCore
import KubeAPI
import KubeClient

/// Sees to the ServiceAccount `default` in every namespace.
public struct ServiceAccountController: Controller {
    public static let name = "serviceaccount-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .namespace, context, workers: 1)
        loop.also(.serviceAccount) { change in
            guard case .deleted(let account) = change, account.name == "default" else { return [] }
            return [NamespacedName(namespace: "", name: account.namespace)]
        }
    }

    public func run() async {
        let accounts = loop.context[.serviceAccount]
        await loop.decide { namespace in
            let key = NamespacedName(namespace: namespace.name, name: "default")
            return NamespaceContents.serviceAccount(namespace, exists: accounts[key] != nil)
        }
    }
}
