import ControllerCore
import KubeAPI
import KubeClient
import Synchronization

/// How many nodes of each zone are well, and how many more may be given up now.
final class NodeZones: Sendable {
    private struct Zone {
        var ready = 0
        var notReady = 0
        var nextEviction = ContinuousClock.now
    }

    private struct State {
        var nodes: [String: (zone: String, isReady: Bool)] = [:]
        var zones: [String: Zone] = [:]

        func states(_ policy: ZoneEviction.Policy) -> [ZoneEviction.State] {
            zones.values.map { ZoneEviction.state(ready: $0.ready, notReady: $0.notReady, policy) }
        }
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

    /// Nothing is heard of any node.
    var isStopped: Bool {
        state.withLock { !$0.zones.isEmpty && ZoneEviction.isStopped($0.states(policy)) }
    }

    /// True as often as the zone's rate allows.
    func mayEvict(_ node: String) -> Bool {
        state.withLock { state in
            guard let name = state.nodes[node]?.zone, var zone = state.zones[name] else { return false }
            let states = state.states(policy)
            let own = ZoneEviction.state(ready: zone.ready, notReady: zone.notReady, policy)
            let rate = ZoneEviction.rate(own, size: zone.ready + zone.notReady, allZones: states, policy)
            guard rate > 0, zone.nextEviction <= .now else { return false }
            zone.nextEviction = .now + .seconds(1 / rate)
            state.zones[name] = zone
            return true
        }
    }
}
