/// Ports of the node that the pod's containers take.
enum NodePorts: FilterPlugin {
    static let name = PluginName.nodePorts

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        pod.ports.isEmpty ? .skip : .check(Filter(ports: pod.ports))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded: true
        case .podGone(let gone): gone.ports.contains { port in pod.ports.contains { $0.collides(with: port) } }
        default: false
        }
    }

    static func collide(_ pod: Pod, on info: NodeInfo) -> Bool {
        info.ports.contains { taken in pod.ports.contains { $0.collides(with: taken) } }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(
            name, ["node(s) didn't have free ports for the requested pod ports"], isResolvable: true)
        let ports: [HostPort]

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            guard !info.ports.isEmpty else { return nil }
            let collides = info.ports.contains { taken in ports.contains { $0.collides(with: taken) } }
            return collides ? Self.refusal : nil
        }
    }
}
