import ControllerCore

/// Lets deleted PersistentVolumes go when no claim has them any more.
public struct VolumeProtectionController: Controller {
    public static let name = "persistentvolume-protection-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .persistentVolume, context, workers: 1)
    }

    public func run() async { await loop.decide { StorageProtection.decide(volume: $0) } }
}
