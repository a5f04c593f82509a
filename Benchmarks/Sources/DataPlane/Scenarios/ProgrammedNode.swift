import Bench
import KubeAPI
import NetTypes
import ProxyCore
import ProxyNftables

/// A proxy at library level, in the calling thread's namespace: the state and the backend that follows it.
struct ProgrammedNode: ~Copyable {
    var state: ProxyState
    var backend: NftablesBackend

    init(podCIDRs: [CIDR] = CIDR("10.128.0.0/9").map { [$0] } ?? []) throws {
        state = ProxyState(node: NodeFacts(name: "node", detector: .cidrs(podCIDRs)))
        backend = try NftablesBackend(family: .ipv4)
    }

    mutating func stage(_ cluster: SampleCluster) {
        for index in 0..<cluster.services {
            state.stage(.service(cluster.service(index)))
            state.stage(.endpointSlice(cluster.slice(index)))
        }
    }

    /// From the last object listed to committed rules.
    mutating func firstSync() throws {
        state.load()
        _ = try backend.synchronise(state.servicePorts, node: state.node)
    }

    mutating func apply(_ event: ProxyEvent) throws {
        _ = try backend.apply(state.apply(event))
    }
}
