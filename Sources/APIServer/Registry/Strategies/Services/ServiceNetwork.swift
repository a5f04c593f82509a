import NetTypes

/// What the cluster has for its Services to be given: `--service-cluster-ip-range` and `--service-node-port-range`.
public struct ServiceNetwork: Sendable, Hashable {
    /// One or two, of different families; the first one's family is the cluster's default.
    public var ranges: [CIDR]
    public var nodePorts: ClosedRange<UInt16>

    /// nil without a range, with two of one family, or with more than two.
    public init?(ranges: [CIDR], nodePorts: ClosedRange<UInt16> = 30000...32767) {
        guard (1...2).contains(ranges.count), Set(ranges.map(\.family)).count == ranges.count else { return nil }
        self.ranges = ranges
        self.nodePorts = nodePorts
    }

    /// Of the Service `default/kubernetes`, in each range.
    public var firstAddresses: [IPAddress] { ranges.map { $0.serviceAddress(0) } }

    public var families: [IPFamily] { ranges.map(\.family) }

    /// Of the Service `default/kubernetes`, should it have all families.
    public var kubernetesAddresses: [IPAddress] { ranges.map { $0.serviceAddress(0) } }

    func range(of family: IPFamily) -> CIDR? { ranges.first { $0.family == family } }
}

/// Numbers from 0 that are given to whoever asks for any: the first ones, the static band, are kept for those who ask for
/// a certain one (KEP-3070, KEP-3668).
struct AllocationRange: Sendable, Hashable {
    let count: UInt64
    let staticBand: UInt64

    /// How many addresses of a range Services can have: not its first, and of IPv4 not its last. At most 2³².
    init(addressesIn range: CIDR) {
        let bits = UInt64(range.family.bits - range.prefixLength)
        let size = bits >= 32 ? 1 << 32 : UInt64(1) << bits
        count = size > 2 ? size - (range.family == .ipv4 ? 2 : 1) : 0
        staticBand = size <= 16 ? 0 : min(max(16, size / 16), 256)
    }

    init(ports: ClosedRange<UInt16>) {
        count = UInt64(ports.count)
        staticBand = count <= 16 ? 0 : min(max(16, count / 32), 128)
    }

    /// A number outside the static band, by a random number.
    func candidate(_ random: UInt64) -> UInt64? {
        guard count > 0 else { return nil }
        let band = staticBand < count ? staticBand : 0
        return band + random % (count - band)
    }

    /// The first free number from `start` on, the static band last.
    func firstFree(from start: UInt64, isTaken: (UInt64) -> Bool) -> UInt64? {
        let band = staticBand < count ? staticBand : 0
        let start = max(start, band)
        return (start..<max(start, count)).first { !isTaken($0) } ?? (band..<min(start, count)).first { !isTaken($0) }
            ?? (0..<band).first { !isTaken($0) }
    }
}

extension CIDR {
    /// The `number`th address that a Service can have; 0 is the one after the range's own.
    func serviceAddress(_ number: UInt64) -> IPAddress {
        guard family == .ipv6 else { return IPAddress(v4: address.v4 &+ UInt32(truncatingIfNeeded: number) &+ 1) }
        let (low, carry) = address.low.addingReportingOverflow(number &+ 1)
        return IPAddress(high: address.high &+ (carry ? 1 : 0), low: low)
    }

    /// False for the range's first address and, of IPv4, its last, as for any outside.
    func hasServiceAddress(_ address: IPAddress) -> Bool {
        contains(address) && address != self.address && (family == .ipv6 || address != last)
    }
}
