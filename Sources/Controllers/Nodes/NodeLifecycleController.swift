import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// Finds out which nodes are well, taints those that are not, and evicts their pods.
public struct NodeLifecycleController: Controller {
    public static let name = "node-lifecycle-controller"
    private let loop: ObjectLoop
    private let heartbeats = Heartbeats()
    private let zones: Zones

    public init(_ context: ControllerContext) {
        loop = ObjectLoop("node-controller", .node, context, workers: 8)
        zones = Zones(context.settings)
        let heartbeats = heartbeats
        context[.lease].addHandler { change in
            guard let lease = change.new, lease.namespace == "kube-node-lease" else { return }
            heartbeats.note(lease.name, lease.spec?["renewTime"]?.string ?? "")
        }
        let zones = zones
        context[.node].addHandler { change in
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
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { node in
            let silence = heartbeats.silence(node.name)
            var decision = NodeLifecycle.decide(
                node, silence: silence, grace: context.settings.nodeMonitorGrace,
                mayEvict: { zones.mayEvict(node.name) }, now: context.now)
            if NodeLifecycle.awaitsEviction(node) { decision.look(after: .seconds(1)) }
            if NodeLifecycle.readiness(node) == "Unknown" {
                for pod in context[.pod].objects(Indexes.node, node.name) {
                    if let write = NodeLifecycle.unready(pod, now: context.now) { decision.perform(write) }
                }
            }
            return decision
        }
    }
}

/// When each node was last heard of, by this process's own clock.
private final class Heartbeats: Sendable {
    private struct Beat {
        var text = ""
        var seen: ContinuousClock.Instant
    }

    private let beats = Mutex<[String: Beat]>([:])

    func note(_ name: String, _ text: String) {
        beats.withLock { beats in
            guard beats[name]?.text != text else { return }
            beats[name] = Beat(text: text, seen: .now)
        }
    }

    /// A node that has never been heard of has its time too.
    func begin(_ name: String) {
        beats.withLock { beats in if beats[name] == nil { beats[name] = Beat(seen: .now) } }
    }

    func forget(_ name: String) {
        beats.withLock { beats in
            beats[name] = nil
            beats["status/\(name)"] = nil
        }
    }

    func silence(_ name: String) -> Duration {
        beats.withLock { beats in
            let last = [beats[name], beats["status/\(name)"]].compactMap { $0?.seen }.max()
            return last.map { .now - $0 } ?? .zero
        }
    }
}

/// How many nodes of each zone are well, and how many more may be given up now.
private final class Zones: Sendable {
    private struct Zone {
        var ready = 0
        var notReady = 0
        var nextEviction = ContinuousClock.now
    }

    private struct State {
        var nodes: [String: (zone: String, isReady: Bool)] = [:]
        var zones: [String: Zone] = [:]
    }

    private let policy: ZoneEviction.Policy
    private let state = Mutex(State())

    init(_ settings: ControllerSettings) {
        policy = ZoneEviction.Policy(
            rate: settings.evictionRate, secondaryRate: settings.secondaryEvictionRate,
            largeZoneSize: settings.largeZoneSize, unhealthyShare: settings.unhealthyZoneShare)
    }

    /// A node that has not said yet how it is does not count.
    func note(_ node: APIObject) {
        guard let readiness = NodeLifecycle.readiness(node) else { return forget(node.name) }
        let region = node.label("topology.kubernetes.io/region") ?? ""
        let zone = "\(region)/\(node.label("topology.kubernetes.io/zone") ?? "")"
        let isReady = readiness == "True"
        state.withLock { state in
            Self.remove(node.name, &state)
            state.nodes[node.name] = (zone, isReady)
            if isReady {
                state.zones[zone, default: Zone()].ready += 1
            } else {
                state.zones[zone, default: Zone()].notReady += 1
            }
        }
    }

    func forget(_ name: String) { state.withLock { Self.remove(name, &$0) } }

    private static func remove(_ name: String, _ state: inout State) {
        guard let known = state.nodes.removeValue(forKey: name) else { return }
        if known.isReady { state.zones[known.zone]?.ready -= 1 } else { state.zones[known.zone]?.notReady -= 1 }
        if state.zones[known.zone].map({ $0.ready + $0.notReady }) == 0 { state.zones[known.zone] = nil }
    }

    /// True as often as the zone's rate allows.
    func mayEvict(_ node: String) -> Bool {
        state.withLock { state in
            guard let name = state.nodes[node]?.zone, var zone = state.zones[name] else { return false }
            let states = state.zones.values.map { ZoneEviction.state(ready: $0.ready, notReady: $0.notReady, policy) }
            let own = ZoneEviction.state(ready: zone.ready, notReady: zone.notReady, policy)
            let rate = ZoneEviction.rate(own, size: zone.ready + zone.notReady, allZones: states, policy)
            guard rate > 0, zone.nextEviction <= .now else { return false }
            zone.nextEviction = .now + .seconds(1 / rate)
            state.zones[name] = zone
            return true
        }
    }
}

/// Deletes pods from nodes whose taints they do not tolerate, or no longer.
public struct TaintEvictionController: Controller {
    public static let name = "taint-eviction-controller"
    private let loop: ObjectLoop
    private let firstSeen: FirstSeen

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .pod, context, workers: 8, watches: false)
        let firstSeen = FirstSeen()
        self.firstSeen = firstSeen
        loop.also(.pod) { change in
            // A pod that has just come to a node.
            guard let pod = change.new, !pod.nodeName.isEmpty, change.old?.nodeName != pod.nodeName else { return [] }
            return [pod.key]
        }
        loop.also(.node) { change in
            guard change.old?.spec?["taints"] != change.new?.spec?["taints"] else { return [] }
            firstSeen.note(change.object.name, isThere: change.new != nil)
            return context[.pod].objects(Indexes.node, change.object.name).map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        await loop.decide { pod in
            let key = NamespacedName(namespace: "", name: pod.nodeName)
            guard let node = context[.node][key] else { return Decision() }
            let verdict = TaintEviction.judge(pod, on: node, since: firstSeen.time(node.name) ?? context.now)
            guard case .leaves(let time) = verdict else { return Decision() }
            guard time <= context.now else {
                return Decision(requeueAfter: Timestamp.wait(from: context.now, until: time))
            }
            return Decision(
                TaintEviction.eviction(of: pod, now: context.now).map { Action($0) },
                events: [EventText("TaintManagerEviction", "Marking for deletion Pod \(pod.key)")])
        }
    }
}

/// Since when a node's taints are as they are.
private final class FirstSeen: Sendable {
    private let times = Mutex<[String: Int64]>([:])

    func note(_ node: String, isThere: Bool) {
        times.withLock { $0[node] = isThere ? WallClock.now() : nil }
    }

    func time(_ node: String) -> Int64? { times.withLock { $0[node] } }
}
