import NetTypes
import Telemetry

/// What the daemon makes of a validated configuration.
extension KubeProxyConfiguration {
    /// nil: no server.
    public var healthzAddress: AddressPort? { AddressPort(healthzBindAddress) }

    /// nil: no server.
    public var metricsAddress: AddressPort? { AddressPort(metricsBindAddress) }

    public var proxyMode: ProxyMode { ProxyMode(rawValue: mode) ?? .iptables }

    /// The Node's name: the override, or the host's name as Kubernetes writes it.
    public func nodeName(host: String) -> String {
        hostnameOverride.isEmpty ? host.trimmed.lowercased() : hostnameOverride
    }

    public var clusterCIDRs: [CIDR] { clusterCIDR.split(separator: ",").compactMap { CIDR($0.trimmed) } }

    /// nil: the node's primary addresses. Where nothing is said, what that means is the mode's.
    public var nodePortCIDRs: [CIDR]? {
        if nodePortAddresses == [Self.primary] { return nil }
        if nodePortAddresses.isEmpty {
            if isNftables { return nil }
            return IPFamily.allCases.compactMap { CIDR(.unspecified($0), prefixLength: 0) }
        }
        return nodePortAddresses.compactMap { CIDR($0) }
    }

    /// Of the chosen mode.
    public var syncPeriod: GoDuration {
        switch proxyMode {
        case .ipvs: ipvs.syncPeriod
        case .nftables, .auto: nftables.syncPeriod
        case .iptables, .userspace: iptables.syncPeriod
        }
    }

    public var masqueradeAll: Bool { isNftables ? nftables.masqueradeAll : iptables.masqueradeAll }

    public var masqueradeBit: UInt8 { UInt8(clamping: isNftables ? nftables.masqueradeBit : iptables.masqueradeBit) }

    private var isNftables: Bool { proxyMode == .nftables || proxyMode == .auto }

    private var detector: ProxySettings.DetectorSetting {
        switch LocalMode(rawValue: detectLocalMode) {
        case .nodeCIDR: .nodeCIDR
        case .bridgeInterface: .bridge(detectLocal.bridgeInterface)
        case .interfaceNamePrefix: .interfacePrefix(detectLocal.interfaceNamePrefix)
        case .clusterCIDR, nil: .clusterCIDR(clusterCIDRs)
        }
    }

    /// Of the ipvs mode; taken up at a start.
    var ipvsSettings: IPVSSettings {
        func seconds(_ duration: GoDuration) -> UInt32 { UInt32(clamping: duration.nanoseconds / 1_000_000_000) }
        return IPVSSettings(
            scheduler: ipvs.scheduler, strictARP: ipvs.strictARP, tcpTimeout: seconds(ipvs.tcpTimeout),
            tcpFinTimeout: seconds(ipvs.tcpFinTimeout), udpTimeout: seconds(ipvs.udpTimeout),
            excludeCIDRs: ipvs.excludeCIDRs.compactMap { CIDR($0) })
    }

    /// What the proxy loop follows in each mode.
    public func settings(nodeName: String) -> SettingsByMode {
        { mode in
            var configuration = self
            configuration.mode = mode.rawValue
            return configuration.proxySettings(nodeName: nodeName)
        }
    }

    /// What the proxy loop follows in the mode that is named.
    public func proxySettings(nodeName: String) -> ProxySettings {
        ProxySettings(
            nodeName: nodeName, nodePortCIDRs: nodePortCIDRs, detector: detector, masqueradeAll: masqueradeAll,
            masqueradeBit: masqueradeBit,
            loopbackNodePorts: loopbackNodePorts,
            syncPeriodSeconds: Double(syncPeriod.nanoseconds) / 1e9)
    }

    private var loopbackNodePorts: ProxySettings.LoopbackNodePorts {
        guard proxyMode == .iptables else { return .whereNamed }
        return iptables.localhostNodePorts ? .everywhere : .nowhere
    }
}

extension KubeProxyConfiguration.Logging {
    /// Brings the log's verbosity, in general and of single files, up to date.
    public func apply(to settings: LogSettings) {
        let modules = vmodule.map { LogSettings.Module(filePattern: $0.filePattern, verbosity: $0.verbosity) }
        settings.set(verbosity: verbosity, modules: modules)
    }
}
