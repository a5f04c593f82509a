import ControllerCore
import KubeAPI
import KubeClient

/// Fills ClusterRoles that are made of others.
public struct RoleAggregationController: Controller {
    public static let name = "clusterrole-aggregation-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .clusterRole, context, workers: 2, watches: false)
        // Any role can be part of any other.
        loop.also(.clusterRole) { _ in
            context[.clusterRole].objects.filter { $0["aggregationRule"] != nil }.map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { RoleAggregation.decide($0, all: context[.clusterRole].objects) }
    }
}
