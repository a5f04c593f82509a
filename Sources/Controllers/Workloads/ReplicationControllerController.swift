import ControllerCore

/// Keeps as many pods as ReplicationControllers say.
public struct ReplicationControllerController: Controller {
    public static let name = "replicationcontroller-controller"
    private let replication: Replication

    public init(_ context: ControllerContext) {
        replication = Replication("replication-controller", .replicationController, context)
    }

    public func run() async { await replication.run() }
}
