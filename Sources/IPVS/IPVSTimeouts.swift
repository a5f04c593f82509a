/// How long a namespace remembers idle connections, in seconds. In a request 0 leaves a timeout as it is.
public struct IPVSTimeouts: Hashable, Sendable {
    public var tcp: UInt32
    /// After a FIN.
    public var tcpFin: UInt32
    public var udp: UInt32

    public init(tcp: UInt32 = 0, tcpFin: UInt32 = 0, udp: UInt32 = 0) {
        self.tcp = tcp
        self.tcpFin = tcpFin
        self.udp = udp
    }
}
