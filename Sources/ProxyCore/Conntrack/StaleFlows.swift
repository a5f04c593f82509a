import KubeAPI
import NetTypes

/// What conntrack knows of one flow, as far as it matters here.
public struct TrackedFlow: Hashable, Sendable {
    public let proto: TransportProtocol
    /// Where the client sent the first packet.
    public let originalDestination: AddressPort
    /// Who answers: the endpoint, when DNAT happened.
    public let replySource: AddressPort
    /// Nothing came back yet; for TCP: SYN_SENT, for SCTP: COOKIE_WAIT, or IPS_SEEN_REPLY unset.
    public let isUnreplied: Bool

    public init(
        proto: TransportProtocol, originalDestination: AddressPort, replySource: AddressPort, isUnreplied: Bool
    ) {
        self.proto = proto
        self.originalDestination = originalDestination
        self.replySource = replySource
        self.isUnreplied = isUnreplied
    }
}

/// Flows of one service port that conntrack must forget, since it would send them where nobody serves any more.
public struct StaleFlows: Hashable, Sendable {
    public enum Selection: Hashable, Sendable {
        /// Flows answered by one of these endpoints, which are gone.
        case toward(Set<AddressPort>)
        /// Flows answered by anyone but these endpoints: nobody, the service address itself, endpoints of the past.
        case notToward(Set<AddressPort>)
    }

    public let service: ServicePortName
    /// Original destinations; node ports on each of the node's node-port addresses.
    public let frontends: [AddressPort]
    public let selection: Selection

    public init(service: ServicePortName, frontends: [AddressPort], selection: Selection) {
        self.service = service
        self.frontends = frontends
        self.selection = selection
    }

    /// Connections of TCP and SCTP end on their own; only those that never began are stale.
    public var isOnlyUnreplied: Bool { service.proto != .udp }

    public func contains(_ flow: TrackedFlow) -> Bool {
        flow.proto == service.proto && frontends.contains(flow.originalDestination) && selects(flow)
    }

    /// Whether a flow to one of the frontends is stale.
    func selects(_ flow: TrackedFlow) -> Bool {
        guard flow.isUnreplied || !isOnlyUnreplied else { return false }
        return switch selection {
        case .toward(let gone): gone.contains(flow.replySource)
        case .notToward(let serving): !serving.contains(flow.replySource)
        }
    }
}

/// Many `StaleFlows`, asked flow by flow while conntrack is dumped.
public struct StaleFlowIndex: Sendable {
    private struct Key: Hashable {
        let destination: AddressPort
        let proto: TransportProtocol
    }

    private var selections: [Key: [StaleFlows]] = [:]

    public init(_ stale: some Sequence<StaleFlows>) {
        for flows in stale {
            for frontend in flows.frontends {
                selections[Key(destination: frontend, proto: flows.service.proto), default: []].append(flows)
            }
        }
    }

    public var isEmpty: Bool { selections.isEmpty }

    public func contains(_ flow: TrackedFlow) -> Bool {
        guard let candidates = selections[Key(destination: flow.originalDestination, proto: flow.proto)] else {
            return false
        }
        return candidates.contains { $0.selects(flow) }
    }
}
