import ControllerCore
import KubeAPI
import KubeClient

/// Finds out which nodes are well, taints those that are not, and evicts their pods.
public struct NodeLifecycleController: Controller {
    public static let name = "node-lifecycle-controller"
    private let loop: ObjectLoop
    private let heartbeats = Heartbeats()
    private let zones: NodeZones

    public init(_ context: ControllerContext) {
        loop = ObjectLoop("node-controller", .node, context, workers: 8)
        zones = NodeZones(context.settings)
        let heartbeats = heartbeats
        context[.lease].addHandler { change in
            guard let lease = change.new, lease.namespace == "kube-node-lease" else { return }
            heartbeats.note(lease.name, lease.spec?["renewTime"]?.string ?? "")
        }
        let (zones, loop) = (zones, loop)
        loop.also(.node) { change in
            if change.old == nil || change.new == nil {
                loop.tell(NodeLifecycle.event(change.object, isThere: change.new != nil), about: change.object)
            }
            let wasStopped = zones.isStopped
            if let node = change.new {
                // The status is a sign of life too.
                let ready = Conditions.find("Ready", in: node.status)?["lastHeartbeatTime"]?.string
                if let ready { heartbeats.note("status/\(node.name)", ready) }
                heartbeats.begin(node.name)
                zones.note(node)
            } else {
                heartbeats.forget(change.object.name)
                zones.forget(change.object.name)
            }
            return zones.isStopped == wasStopped ? [] : context[.node].objects.map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { node in
            let silence = heartbeats.silence(node.name)
            var decision = NodeLifecycle.decide(
                node, silence: silence, grace: context.settings.nodeMonitorGrace, isStopped: zones.isStopped,
                mayEvict: { zones.mayEvict(node.name) }, now: context.now)
            if NodeLifecycle.awaitsEviction(node) { decision.look(after: .seconds(1)) }
            if NodeLifecycle.readiness(node) == "Unknown" {
                for pod in context[.pod].objects(Indexes.node, node.name) {
                    if let action = NodeLifecycle.unready(pod, now: context.now) {
                        try await loop.perform(action, about: pod, .pod)
                    }
                }
            }
            return decision
        }
    }
}
