import NetTypes

/// Which flows a dump should show. What the kernel cannot filter by itself is left to the reader.
public struct FlowFilter: Sendable, Hashable {
    public var family: IPFamily?
    public var proto: TransportProtocol?
    /// Of the original direction. Sets the family.
    public var destination: IPAddress?
    /// Of the original direction. The kernel filters by it together with `proto` only.
    public var destinationPort: UInt16?
    /// These status bits must be set, those in `cleared` must not be.
    public var set: FlowStatus
    public var cleared: FlowStatus

    public init(
        family: IPFamily? = nil, proto: TransportProtocol? = nil, destination: IPAddress? = nil,
        destinationPort: UInt16? = nil, set: FlowStatus = [], cleared: FlowStatus = []
    ) {
        self.family = destination?.family ?? family
        self.proto = proto
        self.destination = destination
        self.destinationPort = destinationPort
        self.set = set
        self.cleared = cleared
    }

    /// The same decision in user space: for kernels older than 5.8, which ignore or refuse the filter.
    public func matches(_ flow: Flow) -> Bool {
        (family == nil || family == flow.family)
            && (proto == nil || proto == flow.proto)
            && (destination == nil || destination == flow.original.destination)
            && (destinationPort == nil || destinationPort == flow.original.destinationPort)
            && flow.status.isSuperset(of: set) && flow.status.isDisjoint(with: cleared)
    }

    /// True if a kernel filter needs tuple attributes, which it accepts only with a family.
    var needsFamily: Bool { proto != nil || destination != nil }
}
