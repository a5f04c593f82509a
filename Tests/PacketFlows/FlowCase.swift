import Lab
import NetTypes
import ProxyCore

/// The first packets of connections from one place to one address.
public struct PacketFlow: Sendable, Hashable {
    public let from: FlowProbe.Location
    public let source: IPAddress
    public let proto: TransportProtocol
    public let destination: AddressPort
}

/// What must happen to a case's connections, written by hand from docs of the behaviour and not from the code.
public enum FlowExpectation: Sendable, Hashable {
    /// To these places and no others, each of which is seen unless `spread` says otherwise.
    case balanced(Set<FlowProbe.Location>, Verdict.Masquerade, Spread = .every)
    /// At once: ECONNREFUSED.
    case refused
    case dropped
    /// None of the proxy's business. An address that is not the node's is then lost in the lab.
    case untouched(Untouched)

    public enum Untouched: Sendable, Hashable { case lost, closed }

    public enum Spread: Sendable, Hashable {
        case every
        /// ClientIP affinity: all connections of all flows of the case to one endpoint.
        case affinity
        /// The same by a hash of the source.
        case sourceHash
        /// A hash of address and port: different ports of one client go everywhere.
        case maglev
        /// Round robin, one after the other in ascending order.
        case inTurn
        /// Shares by weight; places without a weight are not seen.
        case weighted([FlowProbe.Location: UInt16])
    }
}

/// One row of the table: flows that share an expectation.
public struct FlowCase: Sendable, CustomStringConvertible {
    public let name: String
    /// More than one only where they must meet the same endpoint.
    public let flows: [PacketFlow]
    public let expectation: FlowExpectation
    /// The port of the endpoints.
    public let targetPort: UInt16

    public var description: String { name }
}
