import NetTypes

/// One request to an echo server: a TCP connection with one line, or one UDP datagram.
public struct Probe: Sendable, Hashable {
    public var proto: TransportProtocol
    public var target: AddressPort
    /// nil lets the kernel choose; port 0 lets it choose the port.
    public var source: AddressPort?
    /// How long silence may last. A reply under load may take longer than the default, which suits expected drops.
    public var timeout: Duration

    public init(
        _ proto: TransportProtocol, _ target: AddressPort, from source: AddressPort? = nil,
        timeout: Duration = .milliseconds(300)
    ) {
        self.proto = proto
        self.target = target
        self.source = source
        self.timeout = timeout
    }
}

/// What became of a probe.
public enum ProbeOutcome: Sendable, Hashable, CustomStringConvertible {
    case reply(EchoReply)
    /// A TCP reset or an ICMP port unreachable.
    case refused
    /// Silence until the timeout.
    case timeout
    /// Anything else, by its errno: no route, another ICMP error, the source address not being local.
    case failed(CInt)

    /// The backend that replied.
    public var backend: String? {
        if case .reply(let reply) = self { reply.backend } else { nil }
    }

    /// The address that the backend saw as its peer.
    public var peer: IPAddress? {
        if case .reply(let reply) = self { reply.peer.address } else { nil }
    }

    public var description: String {
        switch self {
        case .reply(let reply): "reply from \(reply)"
        case .refused: "refused"
        case .timeout: "timeout"
        case .failed(let code): LabError("failed", code: code).description
        }
    }
}
