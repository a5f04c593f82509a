import Glibc
import Namespaces
import NetTypes

/// A whole lab inside this process, for tests of packet flow: unnamed namespaces, an echo server in each, and probes
/// from any place to any address. It disappears with the value; any number can exist side by side.
///
/// Node, client, local and remote pods echo on `ports`, except that the node does so on `nodePorts` only, to leave its
/// other ports to node-port Services.
public final class FlowProbe: Sendable {
    /// A namespace of the lab. Pods are counted from 1.
    public enum Location: Sendable, Hashable, CustomStringConvertible {
        case node, client
        case pod(Int)
        case remote(Int)

        /// The name its echo server answers with: `node`, `client`, `pod-1`, `remote-1`.
        public var description: String {
            switch self {
            case .node: "node"
            case .client: "client"
            case .pod(let number): "pod-\(number)"
            case .remote(let number): "remote-\(number)"
            }
        }
    }

    public let plan: LabPlan
    private let places: [String: Place]
    private let echo: BackgroundEcho

    /// Two addresses per family on the node, three on the client.
    public init(
        localPods: Int = 3, remotePods: Int = 2, ports: [UInt16] = [8080, 8081], nodePorts: [UInt16] = [9376]
    ) throws {
        plan = LabPlan(localPods: localPods, remotePods: remotePods, nodeAddressCount: 2, clientAddressCount: 3)
        let pods = try plan.pods.map { Place($0.name, try NetworkNamespace.create()) }
        let node = Place("node", try NetworkNamespace.create())
        let client = Place("client", try NetworkNamespace.create())
        try LabWiring(plan: plan, node: node, client: client, pods: pods).connect()
        let all = [node, client] + pods
        places = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
        let listeners = try all.map { place in
            try place.namespace.run {
                try EchoListener(name: place.name, ports: place.name == node.name ? nodePorts : ports)
            }
        }
        echo = try BackgroundEcho(EchoServer(listeners))
        try warmUp(ports)
    }

    /// Runs `body` on a fresh thread in a namespace of the lab: to program it, or to open sockets that stay in it.
    public func inside<Value>(_ location: Location, _ body: () throws -> Value) throws -> Value {
        try place(location).namespace.run(body)
    }

    /// A handle on a namespace of the lab, for whoever wants to enter it on a thread of its own.
    public func namespace(of location: Location) throws -> NetworkNamespace {
        try place(location).namespace.duplicate()
    }

    /// A pod's address, or the first of the node or client.
    public func address(of location: Location, _ family: IPFamily = .ipv4) throws -> IPAddress {
        let addresses =
            switch location {
            case .node: plan.nodeAddresses
            case .client: plan.clientAddresses
            case .pod, .remote: plan.pods.first { $0.name == location.description }?.addresses ?? []
            }
        guard let address = addresses.first(where: { $0.family == family }) else {
            throw FlowProbeError.noSuchPlace("\(location)")
        }
        return address
    }

    /// One probe.
    public func run(_ probe: Probe, from location: Location) throws -> ProbeOutcome {
        try run([(location, probe)])[0]
    }

    /// Probes side by side, at most 256 at a time; outcomes in their order.
    public func run(_ probes: [(from: Location, probe: Probe)]) throws -> [ProbeOutcome] {
        var outcomes: [ProbeOutcome] = []
        outcomes.reserveCapacity(probes.count)
        for start in stride(from: 0, to: probes.count, by: Self.width) {
            let part = probes[start..<min(start + Self.width, probes.count)]
            let sockets = try openSockets(Array(part))
            outcomes += ProbeRunner.run(part.map(\.probe), width: Self.width) { index throws(LabError) in
                Socket(adopting: sockets[index])
            }
        }
        return outcomes
    }

    private static let width = 256

    /// A socket per probe, each opened in the place it starts from.
    private func openSockets(_ probes: [(from: Location, probe: Probe)]) throws -> [CInt] {
        var sockets = [CInt](repeating: -1, count: probes.count)
        do {
            for (location, members) in Dictionary(grouping: probes.indices, by: { probes[$0].from }) {
                try inside(location) {
                    for index in members {
                        let probe = probes[index].probe
                        sockets[index] = try Socket(probe.target.address.family, probe.proto).release()
                    }
                }
            }
            return sockets
        } catch {
            for socket in sockets where socket >= 0 { close(socket) }
            throw error
        }
    }

    private func place(_ location: Location) throws(FlowProbeError) -> Place {
        guard let place = places[location.description] else { throw .noSuchPlace("\(location)") }
        return place
    }

    /// Sends through every link until each carries packets and the neighbours know each other.
    private func warmUp(_ ports: [UInt16]) throws {
        let targets = plan.pods.flatMap(\.addresses) + plan.clientAddresses
        var waiting = targets.flatMap { address in
            ports.prefix(1).map { port in
                (from: Location.node, probe: Probe(.udp, AddressPort(address, port), timeout: .milliseconds(30)))
            }
        }
        for _ in 0..<200 where !waiting.isEmpty {
            let outcomes = try run(waiting)
            waiting = zip(waiting, outcomes).filter { $1.backend == nil }.map(\.0)
        }
        if let silent = waiting.first { throw FlowProbeError.silent(silent.probe.target) }
    }
}

public enum FlowProbeError: Error, Equatable, CustomStringConvertible {
    case noSuchPlace(String)
    case silent(AddressPort)

    public var description: String {
        switch self {
        case .noSuchPlace(let name): "the lab has no \(name)"
        case .silent(let target): "the lab's echo server at \(target) does not answer"
        }
    }
}
