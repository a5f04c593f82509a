import ControllerCore

/// Keeps as many pods as ReplicaSets say.
public struct ReplicaSetController: Controller {
    public static let name = "replicaset-controller"
    private let replication: Replication

    public init(_ context: ControllerContext) {
        replication = Replication("replicaset-controller", .replicaSet, context)
    }

    public func run() async { await replication.run() }
}
