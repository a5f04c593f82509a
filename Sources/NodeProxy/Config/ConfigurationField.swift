import KubeAPI

/// What takes up a change of a field while the daemon runs.
public enum ConfigurationImpact: Sendable, Hashable, CaseIterable {
    /// Nothing on Linux reads it.
    case none
    /// The log's verbosity.
    case logging
    /// The proxy loop, through its settings.
    case settings
    /// The health and metrics servers open anew.
    case servers
    /// The mode is switched.
    case mode
    /// Kernel settings of connection tracking.
    case conntrack
    /// The process' own attributes.
    case process
    /// The connection to the API server.
    case client
    /// What metrics show.
    case metrics
    /// Only a new start.
    case restart
}

/// One field of the configuration: where it stands, how it is read and written.
struct ConfigurationField: Sendable {
    /// Such as `iptables.masqueradeBit`.
    let path: String
    let impact: ConfigurationImpact
    /// For help: `duration`.
    let typeName: String
    let read: @Sendable (JSONValue, inout KubeProxyConfiguration) throws(DecodingFailure) -> Void
    let readFlag: @Sendable (String, inout KubeProxyConfiguration) throws(DecodingFailure) -> Void
    let write: @Sendable (KubeProxyConfiguration) -> JSONValue

    init<Value: ConfigurationValue>(
        _ path: String, _ key: any WritableKeyPath<KubeProxyConfiguration, Value> & Sendable,
        _ impact: ConfigurationImpact
    ) {
        self.path = path
        self.impact = impact
        typeName = Value.typeName
        read = { json, configuration throws(DecodingFailure) in configuration[keyPath: key] = try Value(json: json) }
        readFlag = { text, configuration throws(DecodingFailure) in
            configuration[keyPath: key] = try Value(flag: text)
        }
        write = { $0[keyPath: key].json }
    }
}

extension ConfigurationField {
    /// Every field but apiVersion and kind: what is decoded, encoded, set by flags and compared.
    static let all: [ConfigurationField] = [
        .init("featureGates", \.featureGates, .metrics),
        .init("clientConnection.kubeconfig", \.clientConnection.kubeconfig, .client),
        .init("clientConnection.acceptContentTypes", \.clientConnection.acceptContentTypes, .none),
        .init("clientConnection.contentType", \.clientConnection.contentType, .none),
        .init("clientConnection.qps", \.clientConnection.qps, .client),
        .init("clientConnection.burst", \.clientConnection.burst, .client),
        .init("logging.format", \.logging.format, .restart),
        .init("logging.flushFrequency", \.logging.flushFrequency, .none),
        .init("logging.verbosity", \.logging.verbosity, .logging),
        .init("logging.vmodule", \.logging.vmodule, .logging),
        .init("logging.options.text.splitStream", \.logging.options.text.splitStream, .none),
        .init("logging.options.text.infoBufferSize", \.logging.options.text.infoBufferSize, .none),
        .init("logging.options.json.splitStream", \.logging.options.json.splitStream, .none),
        .init("logging.options.json.infoBufferSize", \.logging.options.json.infoBufferSize, .none),
        .init("hostnameOverride", \.hostnameOverride, .restart),
        .init("bindAddress", \.bindAddress, .settings),
        .init("healthzBindAddress", \.healthzBindAddress, .servers),
        .init("metricsBindAddress", \.metricsBindAddress, .servers),
        .init("bindAddressHardFail", \.bindAddressHardFail, .servers),
        .init("enableProfiling", \.enableProfiling, .servers),
        .init("showHiddenMetricsForVersion", \.showHiddenMetricsForVersion, .none),
        .init("mode", \.mode, .mode),
        .init("iptables.masqueradeBit", \.iptables.masqueradeBit, .settings),
        .init("iptables.masqueradeAll", \.iptables.masqueradeAll, .settings),
        .init("iptables.localhostNodePorts", \.iptables.localhostNodePorts, .settings),
        .init("iptables.syncPeriod", \.iptables.syncPeriod, .settings),
        .init("iptables.minSyncPeriod", \.iptables.minSyncPeriod, .settings),
        .init("ipvs.syncPeriod", \.ipvs.syncPeriod, .settings),
        .init("ipvs.minSyncPeriod", \.ipvs.minSyncPeriod, .settings),
        .init("ipvs.scheduler", \.ipvs.scheduler, .restart),
        .init("ipvs.excludeCIDRs", \.ipvs.excludeCIDRs, .restart),
        .init("ipvs.strictARP", \.ipvs.strictARP, .restart),
        .init("ipvs.tcpTimeout", \.ipvs.tcpTimeout, .restart),
        .init("ipvs.tcpFinTimeout", \.ipvs.tcpFinTimeout, .restart),
        .init("ipvs.udpTimeout", \.ipvs.udpTimeout, .restart),
        .init("nftables.masqueradeBit", \.nftables.masqueradeBit, .settings),
        .init("nftables.masqueradeAll", \.nftables.masqueradeAll, .settings),
        .init("nftables.syncPeriod", \.nftables.syncPeriod, .settings),
        .init("nftables.minSyncPeriod", \.nftables.minSyncPeriod, .settings),
        .init("winkernel.networkName", \.winkernel.networkName, .none),
        .init("winkernel.sourceVip", \.winkernel.sourceVip, .none),
        .init("winkernel.enableDSR", \.winkernel.enableDSR, .none),
        .init("winkernel.rootHnsEndpointName", \.winkernel.rootHnsEndpointName, .none),
        .init("winkernel.forwardHealthCheckVip", \.winkernel.forwardHealthCheckVip, .none),
        .init("detectLocalMode", \.detectLocalMode, .settings),
        .init("detectLocal.bridgeInterface", \.detectLocal.bridgeInterface, .settings),
        .init("detectLocal.interfaceNamePrefix", \.detectLocal.interfaceNamePrefix, .settings),
        .init("clusterCIDR", \.clusterCIDR, .settings),
        .init("nodePortAddresses", \.nodePortAddresses, .settings),
        .init("oomScoreAdj", \.oomScoreAdj, .process),
        .init("conntrack.maxPerCore", \.conntrack.maxPerCore, .conntrack),
        .init("conntrack.min", \.conntrack.min, .conntrack),
        .init("conntrack.tcpEstablishedTimeout", \.conntrack.tcpEstablishedTimeout, .conntrack),
        .init("conntrack.tcpCloseWaitTimeout", \.conntrack.tcpCloseWaitTimeout, .conntrack),
        .init("conntrack.tcpBeLiberal", \.conntrack.tcpBeLiberal, .conntrack),
        .init("conntrack.udpTimeout", \.conntrack.udpTimeout, .conntrack),
        .init("conntrack.udpStreamTimeout", \.conntrack.udpStreamTimeout, .conntrack),
        .init("configSyncPeriod", \.configSyncPeriod, .none),
        .init("portRange", \.portRange, .none),
        .init("windowsRunAsService", \.windowsRunAsService, .none),
    ]

    static func at(_ path: String) -> ConfigurationField? { all.first { $0.path == path } }
}
