/// Limits of a cgroup, in the terms of cgroup v1, which runtimes translate for v2. Nil leaves what there is.
public struct Resources: Sendable, Hashable {
    /// Relative weight; 1024 is one core's worth.
    public var cpuShares: Int64?
    /// Microseconds of processor time in each period; -1 for no limit.
    public var cpuQuota: Int64?
    /// Microseconds.
    public var cpuPeriod: Int64?
    /// Bytes; -1 for no limit.
    public var memoryLimit: Int64?
    public var processLimit: Int64?

    public init(
        cpuShares: Int64? = nil, cpuQuota: Int64? = nil, cpuPeriod: Int64? = nil, memoryLimit: Int64? = nil,
        processLimit: Int64? = nil
    ) {
        self.cpuShares = cpuShares
        self.cpuQuota = cpuQuota
        self.cpuPeriod = cpuPeriod
        self.memoryLimit = memoryLimit
        self.processLimit = processLimit
    }

    /// cpu.weight of cgroup v2 for cpu.shares of v1: 2…262144 onto 1…10000 (KEP-2254).
    public static func weight(ofShares shares: Int64) -> Int64 {
        let shares = min(max(shares, 2), 262_144)
        return 1 + (shares - 2) * 9999 / 262_142
    }
}
