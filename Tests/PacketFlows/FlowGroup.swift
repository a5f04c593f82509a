import KubeAPI
import Lab
import NetTypes
import ProxyCore

/// Cases that share their objects.
public struct FlowGroup: Sendable, CustomStringConvertible {
    public let name: String
    public let node: NodeFacts
    public let services: [Service]
    public let slices: [EndpointSlice]
    public let cases: [FlowCase]

    public var description: String { name }

    init(_ name: String, _ node: NodeFacts, _ parts: [(sketch: ServiceSketch, cases: [[FlowCase]])]) {
        self.name = name
        self.node = node
        services = parts.map(\.sketch.service)
        slices = parts.flatMap(\.sketch.slices)
        cases = parts.flatMap(\.cases).flatMap(\.self)
    }

    /// The same objects, but only the cases that `isLeftOut` does not name: for modes that differ and say so.
    public func without(_ isLeftOut: (FlowCase) -> Bool) -> FlowGroup {
        FlowGroup(self, cases.filter { !isLeftOut($0) })
    }

    private init(_ group: FlowGroup, _ cases: [FlowCase]) {
        name = group.name
        node = group.node
        services = group.services
        slices = group.slices
        self.cases = cases
    }

    /// What the proxy makes of the group's objects.
    public var state: ProxyState {
        var state = ProxyState(node: node)
        for service in services { state.stage(.service(service)) }
        for slice in slices { state.stage(.endpointSlice(slice)) }
        state.load()
        return state
    }

    /// Every group; run them in this order in one lab.
    public static var all: [FlowGroup] {
        [usual, everyNodeAddress, masqueradeAll, clusterCIDR, noDetector, interfacePrefix, bridge]
    }
}

extension NodeFacts {
    /// The lab's node: node ports on its own address of each family, its pods told by their CIDRs.
    static var lab: NodeFacts {
        let loopback = [IPAddress(127, 0, 0, 1), IPAddress(high: 0, low: 1)]
        return NodeFacts(
            name: FlowLab.thisNode, zone: "a", nodePortAddresses: Array(FlowLab.plan.nodeAddresses.prefix(2)).sorted(),
            localAddresses: Set(FlowLab.nodeAddresses + loopback), detector: .cidrs(LabPlan.nodePodCIDRs),
            serviceCIDRs: LabPlan.serviceCIDRs)
    }

    func with(_ change: (inout NodeFacts) -> Void) -> NodeFacts {
        var facts = self
        change(&facts)
        return facts
    }
}
