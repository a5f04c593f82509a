import KubeAPI

/// A flag as it was given.
public struct GivenFlag: Sendable, Hashable {
    /// Without dashes in front: `proxy-mode`.
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a flag means.
public struct ProxyFlag: Sendable {
    public enum Effect: Sendable, Hashable {
        /// Sets fields of the configuration.
        case fields([String])
        /// Speaks to the command itself; a configuration file does not hide it.
        case command
        /// The port of a server, or 0 to switch it off: `--healthz-port`, `--metrics-port`.
        case port(String)
        /// The period of whichever mode is chosen, ipvs or another.
        case period(String, isIPVS: Bool)
    }

    public let name: String
    public let effect: Effect
    /// May stand without a value, as Go's booleans do.
    public let isBoolean: Bool

    /// With `--config`, kube-proxy heeds these and no other flag that sets a field.
    var holdsBesideFile: Bool {
        switch effect {
        case .command: true
        case .fields(let paths): paths.contains { $0.hasPrefix("logging.") || $0 == "hostnameOverride" }
        case .port, .period: false
        }
    }

    private init(_ name: String, _ effect: Effect, isBoolean: Bool = false) {
        (self.name, self.effect, self.isBoolean) = (name, effect, isBoolean)
    }

    private static func field(_ name: String, _ paths: String..., isBoolean: Bool = false) -> ProxyFlag {
        ProxyFlag(name, .fields(paths), isBoolean: isBoolean)
    }

    private static func switched(_ name: String, _ paths: String...) -> ProxyFlag {
        ProxyFlag(name, .fields(paths), isBoolean: true)
    }

    /// kube-proxy's flags and those of Apus.
    public static let all: [ProxyFlag] = [
        field("bind-address", "bindAddress"),
        switched("bind-address-hard-fail", "bindAddressHardFail"),
        ProxyFlag("boot-id-file", .command),
        ProxyFlag("cleanup", .command, isBoolean: true),
        field("cluster-cidr", "clusterCIDR"),
        ProxyFlag("config", .command),
        field("config-sync-period", "configSyncPeriod"),
        field("conntrack-max-per-core", "conntrack.maxPerCore"),
        field("conntrack-min", "conntrack.min"),
        switched("conntrack-tcp-be-liberal", "conntrack.tcpBeLiberal"),
        field("conntrack-tcp-timeout-close-wait", "conntrack.tcpCloseWaitTimeout"),
        field("conntrack-tcp-timeout-established", "conntrack.tcpEstablishedTimeout"),
        field("conntrack-udp-timeout", "conntrack.udpTimeout"),
        field("conntrack-udp-timeout-stream", "conntrack.udpStreamTimeout"),
        field("detect-local-mode", "detectLocalMode"),
        field("feature-gates", "featureGates"),
        field("healthz-bind-address", "healthzBindAddress"),
        field("hostname-override", "hostnameOverride"),
        ProxyFlag("init-only", .command, isBoolean: true),
        switched("iptables-localhost-nodeports", "iptables.localhostNodePorts"),
        field("iptables-masquerade-bit", "iptables.masqueradeBit"),
        ProxyFlag("iptables-min-sync-period", .period("minSyncPeriod", isIPVS: false)),
        ProxyFlag("iptables-sync-period", .period("syncPeriod", isIPVS: false)),
        field("ipvs-exclude-cidrs", "ipvs.excludeCIDRs"),
        ProxyFlag("ipvs-min-sync-period", .period("minSyncPeriod", isIPVS: true)),
        field("ipvs-scheduler", "ipvs.scheduler"),
        switched("ipvs-strict-arp", "ipvs.strictARP"),
        ProxyFlag("ipvs-sync-period", .period("syncPeriod", isIPVS: true)),
        field("ipvs-tcp-timeout", "ipvs.tcpTimeout"),
        field("ipvs-tcpfin-timeout", "ipvs.tcpFinTimeout"),
        field("ipvs-udp-timeout", "ipvs.udpTimeout"),
        field("kube-api-burst", "clientConnection.burst"),
        field("kube-api-content-type", "clientConnection.contentType"),
        field("kube-api-qps", "clientConnection.qps"),
        field("kubeconfig", "clientConnection.kubeconfig"),
        field("log-flush-frequency", "logging.flushFrequency"),
        field("log-json-info-buffer-size", "logging.options.json.infoBufferSize"),
        switched("log-json-split-stream", "logging.options.json.splitStream"),
        field("log-text-info-buffer-size", "logging.options.text.infoBufferSize"),
        switched("log-text-split-stream", "logging.options.text.splitStream"),
        field("logging-format", "logging.format"),
        ProxyFlag("machine-id-file", .command),
        ProxyFlag("manifests", .command),
        switched("masquerade-all", "iptables.masqueradeAll", "nftables.masqueradeAll"),
        ProxyFlag("master", .command),
        field("metrics-bind-address", "metricsBindAddress"),
        ProxyFlag("nftables-table", .command),
        field("nodeport-addresses", "nodePortAddresses"),
        field("oom-score-adj", "oomScoreAdj"),
        field("pod-bridge-interface", "detectLocal.bridgeInterface"),
        field("pod-interface-name-prefix", "detectLocal.interfaceNamePrefix"),
        switched("profiling", "enableProfiling"),
        field("proxy-mode", "mode"),
        field("show-hidden-metrics-for-version", "showHiddenMetricsForVersion"),
        field("v", "logging.verbosity"),
        ProxyFlag("version", .command, isBoolean: true),
        field("vmodule", "logging.vmodule"),
        ProxyFlag("write-config-to", .command),
        ProxyFlag("healthz-port", .port("healthzBindAddress")),
        ProxyFlag("metrics-port", .port("metricsBindAddress")),
    ]

    public static func named(_ name: String) -> ProxyFlag? { all.first { $0.name == name } }

    /// The flag that sets a field, for messages.
    static func setting(_ path: String) -> ProxyFlag? {
        all.first { flag in
            guard case .fields(let paths) = flag.effect else { return false }
            return paths.contains(path)
        }
    }
}

extension ProxyFlag {
    /// What holds when the flag is not given; empty where that is nothing.
    public var defaultText: String { text(in: Self.defaults) }

    private static let defaults = KubeProxyConfiguration.defaults.json

    /// What a configuration, as JSON, says about the flag's matter.
    func text(in configuration: JSONValue) -> String {
        guard case .fields(let paths) = effect, let path = paths.first else { return isBoolean ? "false" : "" }
        let value = path.split(separator: ".").reduce(configuration as JSONValue?) { $0?[String($1)] }
        switch value {
        case .string(let text)?: return text
        case .array([])?, nil: return ""
        case .object(let object)? where object.members.isEmpty: return ""
        case let value?: return JSONWriter.text(value)
        }
    }

    /// As Go's help has it, such as `duration`.
    public var typeName: String {
        switch effect {
        case .command: isBoolean ? "bool" : "string"
        case .port: "int32"
        case .period: "duration"
        case .fields(let paths): paths.first.flatMap(ConfigurationField.at)?.typeName ?? "string"
        }
    }
}
