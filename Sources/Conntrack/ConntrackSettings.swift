import Routes

/// The conntrack section of kube-proxy's configuration. nil, or 0, leaves a setting as it is.
public struct ConntrackSettings: Sendable, Hashable {
    /// Size of the table per processor; the table never gets smaller than `min`.
    public var maxPerCore: Int?
    public var min: Int?
    /// Seconds.
    public var tcpEstablishedTimeout: Int?
    /// Seconds.
    public var tcpCloseWaitTimeout: Int?
    /// Packets outside the window are let through.
    public var tcpBeLiberal: Bool
    /// Seconds, for flows without a reply.
    public var udpTimeout: Int?
    /// Seconds, for flows with replies.
    public var udpStreamTimeout: Int?

    /// kube-proxy's defaults.
    public init(
        maxPerCore: Int? = 32768, min: Int? = 131_072, tcpEstablishedTimeout: Int? = 86400,
        tcpCloseWaitTimeout: Int? = 3600, tcpBeLiberal: Bool = false, udpTimeout: Int? = nil,
        udpStreamTimeout: Int? = nil
    ) {
        self.maxPerCore = maxPerCore
        self.min = min
        self.tcpEstablishedTimeout = tcpEstablishedTimeout
        self.tcpCloseWaitTimeout = tcpCloseWaitTimeout
        self.tcpBeLiberal = tcpBeLiberal
        self.udpTimeout = udpTimeout
        self.udpStreamTimeout = udpStreamTimeout
    }

    /// A setting that has to change.
    public struct Write: Sendable, Hashable, CustomStringConvertible {
        public let name: String
        public let value: Int

        public var description: String { "\(name) = \(value)" }
    }

    /// The writes that lead from `current` (nil: the setting cannot be read) to these settings.
    public func plan(cores: Int, current: (_ name: String) -> Int?) -> [Write] {
        desired(cores: cores, buckets: current(Self.buckets)).filter { current($0.name) != $0.value }
    }

    private static let buckets = "net.netfilter.nf_conntrack_buckets"

    private func desired(cores: Int, buckets: Int?) -> [Write] {
        var writes: [Write] = []
        func want(_ name: String, _ value: Int?) {
            if let value, value > 0 { writes.append(Write(name: "net.netfilter.nf_conntrack_" + name, value: value)) }
        }
        let size = tableSize(cores: cores)
        want("max", size)
        // The hash table grows with the flow table and never shrinks.
        if size / 4 > buckets ?? .max { want("buckets", size / 4) }
        want("tcp_timeout_established", tcpEstablishedTimeout)
        want("tcp_timeout_close_wait", tcpCloseWaitTimeout)
        want("tcp_be_liberal", tcpBeLiberal ? 1 : nil)
        want("udp_timeout", udpTimeout)
        want("udp_timeout_stream", udpStreamTimeout)
        return writes
    }

    /// 0: leave it.
    private func tableSize(cores: Int) -> Int {
        guard let maxPerCore, maxPerCore > 0 else { return 0 }
        return max(maxPerCore * cores, min ?? 0)
    }

    /// Makes the calling thread's namespace as wished. Returns what could not be written; the rest is done.
    /// A failure with `isReadOnly` is usual in a container without privileges, and no reason to stop.
    public func apply(cores: Int) -> [Sysctl.Failure] {
        let writes = plan(cores: cores) { name in (try? Sysctl.read(name)).flatMap { Int($0) } }
        return writes.compactMap { write in
            do throws(Sysctl.Failure) {
                try Sysctl.write(write.name, String(write.value))
                return nil
            } catch {
                return error
            }
        }
    }
}
