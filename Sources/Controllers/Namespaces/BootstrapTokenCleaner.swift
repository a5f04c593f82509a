import ControllerCore
import KubeAPI
import KubeClient

/// Deletes bootstrap tokens that have ended.
public struct BootstrapTokenCleaner: Controller {
    public static let name = "token-cleaner-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .secret, context, workers: 1, watches: false)
        loop.also(.secret) { BootstrapTokenSecrets.isOne($0.object) ? [$0.object.key] : [] }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { BootstrapTokenSecrets.clean($0, now: context.now) }
    }
}
