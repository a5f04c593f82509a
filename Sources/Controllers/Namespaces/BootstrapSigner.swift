import ControllerCore
import KubeAPI
import KubeClient

/// Signs the ConfigMap kube-public/cluster-info with each bootstrap token, so that a node that joins knows it to be right.
public struct BootstrapSigner: Controller {
    public static let name = "bootstrap-signer-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .configMap, context, workers: 1, watches: false)
        let map = BootstrapTokenSecrets.clusterInfo
        loop.also(.configMap) { $0.object.key == map ? [map] : [] }
        loop.also(.secret) { BootstrapTokenSecrets.isOne($0.object) ? [map] : [] }
    }

    public func run() async {
        let context = loop.context
        guard let keys = context.settings.keys else { return }
        await loop.decide { map in
            let signers = context[.secret].objects(Indexes.namespace, BootstrapTokenSecrets.namespace).compactMap {
                BootstrapTokenSecrets.Signer($0, now: context.now)
            }
            return try BootstrapTokenSecrets.sign(map, signers) { text, signer in
                try keys.signature(of: text, tokenID: signer.id, tokenSecret: signer.secret)
            }
        }
    }
}
