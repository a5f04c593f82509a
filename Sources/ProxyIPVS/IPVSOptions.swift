import NetTypes
import ProxyCore

/// What the configuration's `ipvs` section says.
public struct IPVSOptions: Sendable, Hashable {
    /// The scheduler of Services that do not ask for another way to balance.
    public var scheduler: String
    /// Answers ARP only for addresses of the interface that is asked (`arp_ignore` 1, `arp_announce` 2).
    public var strictARP: Bool
    /// Seconds; 0 leaves the kernel's.
    public var tcpTimeout: UInt32
    /// Seconds; 0 leaves the kernel's.
    public var tcpFinTimeout: UInt32
    /// Seconds; 0 leaves the kernel's.
    public var udpTimeout: UInt32
    /// Virtual servers inside these prefixes, and addresses of `kube-ipvs0`, stay where no Service asks for them.
    public var excludeCIDRs: [CIDR]
    /// How long a destination that is gone may keep its connections.
    public var gracePeriod: Duration
    /// Of those that Services name: they get the usual one.
    var missingSchedulers: Set<IPVSScheduler> = []

    public init(
        scheduler: String = "rr", strictARP: Bool = false, tcpTimeout: UInt32 = 0, tcpFinTimeout: UInt32 = 0,
        udpTimeout: UInt32 = 0, excludeCIDRs: [CIDR] = [], gracePeriod: Duration = .seconds(900)
    ) {
        self.scheduler = scheduler.isEmpty ? "rr" : scheduler
        self.strictARP = strictARP
        self.tcpTimeout = tcpTimeout
        self.tcpFinTimeout = tcpFinTimeout
        self.udpTimeout = udpTimeout
        self.excludeCIDRs = excludeCIDRs
        self.gracePeriod = gracePeriod
    }
    func leavesToOthers(_ address: IPAddress) -> Bool { excludeCIDRs.contains { $0.contains(address) } }
}
