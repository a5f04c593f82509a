import ControllerCore
import KubeAPI

/// Makes the claims of generic ephemeral volumes.
public struct EphemeralVolumeController: Controller {
    public static let name = "ephemeral-volume-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .pod, context, workers: 2, watches: false)
        loop.also(.pod) { change in
            change.new.map { EphemeralClaims.volumes(of: $0).isEmpty ? [] : [$0.key] } ?? []
        }
        loop.owns(.persistentVolumeClaim)
    }

    public func run() async {
        let claims = loop.context[.persistentVolumeClaim]
        await loop.decide { pod in
            EphemeralClaims.decide(pod) { claims[NamespacedName(namespace: pod.namespace, name: $0)] }
        }
    }
}
