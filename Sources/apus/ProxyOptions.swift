import ArgumentParser
import NodeProxy

/// kube-proxy's flags, by section, and those of Apus. What a flag means is said by `ProxyFlag`; here it gets its help.
///
/// Command lines pass through `GoArguments.normalised` first, so that `--flag=false` works for booleans.
struct ProxyOptions: ParsableArguments {
    @OptionGroup(title: "Input") var input: InputFlags
    @OptionGroup(title: "Proxying") var proxying: ProxyingFlags
    @OptionGroup(title: "Local traffic and node ports") var traffic: TrafficFlags
    @OptionGroup(title: "IPVS mode") var ipvs: IPVSFlags
    @OptionGroup(title: "Connection tracking") var conntrack: ConntrackFlags
    @OptionGroup(title: "Servers") var servers: ServerFlags
    @OptionGroup(title: "Kubernetes API") var api: APIFlags
    @OptionGroup(title: "Logging") var logging: LoggingFlags
    @OptionGroup(title: "Process") var process: ProcessFlags

    static let examples = """
        Examples:
          apus proxy --kubeconfig /etc/kubernetes/proxy.conf --cluster-cidr 10.244.0.0/16
          apus proxy --config /var/lib/kube-proxy/config.conf --v 4
          apus proxy --manifests ./services --proxy-mode nftables --hostname-override node-1
          apus proxy --proxy-mode ipvs --write-config-to kube-proxy.yaml
          apus proxy --cleanup
        """

    /// The flags that were given.
    var given: [GivenFlag] {
        let groups: [any FlagGroup] = [input, proxying, traffic, ipvs, conntrack, servers, api, logging, process]
        return groups.flatMap(\.given)
    }

    /// The configuration that the flags and the file name; all that is wrong with it at once. Without a choice the mode
    /// is nftables, and not kube-proxy's own default, iptables.
    func load() throws(ConfigurationError) -> LoadedConfiguration {
        let file = try input.config.map { path throws(ConfigurationError) in try ConfigurationFile(path: path) }
        return try LoadedConfiguration(file: file, flags: given, mode: .nftables)
    }
}

struct InputFlags: FlagGroup {
    @Option(
        help: .of(
            "config",
            "A KubeProxyConfiguration file. Beside it only flags about logging, the host's name and commands count."))
    var config: String?
    @Option(
        help: .of(
            "manifests",
            "A directory of YAML or JSON files with Services, EndpointSlices and Nodes, watched, in place of an API server."
        ))
    var manifests: String?
    @Option(help: .of("kubeconfig", "The kubeconfig file; without it the in-cluster configuration."))
    var kubeconfig: String?
    @Option(help: .of("master", "The API server's address, in place of the kubeconfig's."))
    var master: String?
    @Option(help: .of("hostname-override", "This node's name; the host's name without it."))
    var hostnameOverride: String?
    @Option(help: .of("write-config-to", "Write the configuration to this file, every default filled in, and exit."))
    var writeConfigTo: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("cleanup", "Remove everything of every mode from the kernel, and exit."))
    var cleanup: Bool?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("init-only", "Do what needs full root rights, and exit; then CAP_NET_ADMIN is enough."))
    var initOnly: Bool?

    mutating func validate() { dropEmpty([\.config, \.manifests, \.kubeconfig, \.master, \.writeConfigTo]) }
}

struct ProxyingFlags: FlagGroup {
    @Option(
        help: .of(
            "proxy-mode", "iptables, ipvs, nftables, userspace, or auto for the best that the kernel offers.",
            default: "nftables"))
    var proxyMode: String?
    @Option(
        help: .of(
            "nftables-table", "The name of the nftables tables, for running beside another proxy.",
            default: "kube-proxy"))
    var nftablesTable: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("masquerade-all", "Masquerade all traffic to cluster IPs."))
    var masqueradeAll: Bool?
    @Option(help: .of("iptables-masquerade-bit", "The bit of the packet mark that means masquerade, 0 to 31."))
    var iptablesMasqueradeBit: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("iptables-localhost-nodeports", "Let node ports answer on 127.0.0.1 (iptables mode, IPv4)."))
    var iptablesLocalhostNodeports: Bool?
    @Option(
        help: .of("iptables-sync-period", "How often everything is compared; for every mode but ipvs.", default: "30s"))
    var iptablesSyncPeriod: String?
    @Option(
        help: .of(
            "iptables-min-sync-period", "The least time between two changes of rules; for every mode but ipvs.",
            default: "1s"))
    var iptablesMinSyncPeriod: String?
    @Option(help: .of("feature-gates", "NAME=true|false, separated by commas."))
    var featureGates: [String] = []

    mutating func validate() { dropEmpty([\.proxyMode, \.nftablesTable]) }
}

struct TrafficFlags: FlagGroup {
    @Option(
        help: .of(
            "detect-local-mode",
            "ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix: how traffic of this node's pods is known."))
    var detectLocalMode: String?
    @Option(help: .of("cluster-cidr", "The pods' addresses: a prefix, or one of each family separated by a comma."))
    var clusterCidr: String?
    @Option(help: .of("pod-bridge-interface", "The bridge of this node's pods, for BridgeInterface."))
    var podBridgeInterface: String?
    @Option(
        help: .of(
            "pod-interface-name-prefix", "What the names of the pods' interfaces begin with, for InterfaceNamePrefix."))
    var podInterfaceNamePrefix: String?
    @Option(
        help: .of(
            "nodeport-addresses",
            "Prefixes of the addresses on which node ports answer, or primary; all without it, primary in nftables mode."
        ))
    var nodeportAddresses: [String] = []
    @Option(help: .of("bind-address", "Tells by its family which one is the node's first; nothing binds to it."))
    var bindAddress: String?
}

struct IPVSFlags: FlagGroup {
    @Option(help: .of("ipvs-scheduler", "rr, wrr, lc, wlc, lblc, lblcr, sh, dh, sed, nq or mh; rr without it."))
    var ipvsScheduler: String?
    @Option(help: .of("ipvs-exclude-cidrs", "Prefixes whose IPVS services are left alone."))
    var ipvsExcludeCidrs: [String] = []
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("ipvs-strict-arp", "Set arp_ignore to 1 and arp_announce to 2."))
    var ipvsStrictArp: Bool?
    @Option(help: .of("ipvs-sync-period", "How often everything is compared.", default: "30s"))
    var ipvsSyncPeriod: String?
    @Option(help: .of("ipvs-min-sync-period", "The least time between two changes.", default: "1s"))
    var ipvsMinSyncPeriod: String?
    @Option(help: .of("ipvs-tcp-timeout", "Of idle TCP connections; 0 leaves the kernel's."))
    var ipvsTcpTimeout: String?
    @Option(help: .of("ipvs-tcpfin-timeout", "Of TCP connections after a FIN; 0 leaves the kernel's."))
    var ipvsTcpfinTimeout: String?
    @Option(help: .of("ipvs-udp-timeout", "Of UDP flows; 0 leaves the kernel's."))
    var ipvsUdpTimeout: String?
}

struct ConntrackFlags: FlagGroup {
    @Option(help: .of("conntrack-max-per-core", "Connections to track per core; 0 leaves the kernel's limit."))
    var conntrackMaxPerCore: String?
    @Option(help: .of("conntrack-min", "The least number of connections to track, whatever the number of cores."))
    var conntrackMin: String?
    @Option(
        help: .of("conntrack-tcp-timeout-established", "Of idle established TCP connections; 0 leaves the kernel's."))
    var conntrackTcpTimeoutEstablished: String?
    @Option(help: .of("conntrack-tcp-timeout-close-wait", "Of TCP connections in CLOSE_WAIT."))
    var conntrackTcpTimeoutCloseWait: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("conntrack-tcp-be-liberal", "Do not take packets out of the window for invalid."))
    var conntrackTcpBeLiberal: Bool?
    @Option(help: .of("conntrack-udp-timeout", "Of UDP flows without a reply; 0 leaves the kernel's."))
    var conntrackUdpTimeout: String?
    @Option(help: .of("conntrack-udp-timeout-stream", "Of UDP flows with replies; 0 leaves the kernel's."))
    var conntrackUdpTimeoutStream: String?
}

struct ServerFlags: FlagGroup {
    @Option(help: .of("healthz-bind-address", "Where /healthz and /livez are served; empty: nowhere."))
    var healthzBindAddress: String?
    @Option(help: .of("metrics-bind-address", "Where /metrics and the status pages are served; empty: nowhere."))
    var metricsBindAddress: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("bind-address-hard-fail", "Exit when a server cannot listen, instead of trying again."))
    var bindAddressHardFail: Bool?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast, help: .of("profiling", "Serve /debug on the metrics address.")
    )
    var profiling: Bool?
    @Option(help: .of("show-hidden-metrics-for-version", "Accepted; there are no hidden metrics."))
    var showHiddenMetricsForVersion: String?
    @Option(help: .of("healthz-port", "Use --healthz-bind-address.", visibility: .hidden))
    var healthzPort: String?
    @Option(help: .of("metrics-port", "Use --metrics-bind-address.", visibility: .hidden))
    var metricsPort: String?
}

struct APIFlags: FlagGroup {
    @Option(help: .of("kube-api-burst", "Requests that may be sent at once."))
    var kubeApiBurst: String?
    @Option(help: .of("kube-api-qps", "Requests per second."))
    var kubeApiQps: String?
    @Option(help: .of("kube-api-content-type", "Accepted; JSON is spoken."))
    var kubeApiContentType: String?
    @Option(help: .of("config-sync-period", "Accepted; watches need no refreshing."))
    var configSyncPeriod: String?
}

struct LoggingFlags: FlagGroup {
    @Option(
        name: [.customLong("v"), .customShort("v", allowingJoined: true)],
        help: .of("v", "The log's verbosity; 4 for debugging, 6 for tracing."))
    var v: String?
    @Option(help: .of("vmodule", "FILE=N, separated by commas: a verbosity of their own for source files."))
    var vmodule: [String] = []
    @Option(help: .of("logging-format", "text or json."))
    var loggingFormat: String?
    @Option(help: .of("log-flush-frequency", "Accepted; every line is written at once."))
    var logFlushFrequency: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("log-json-split-stream", "Accepted with the gate LoggingAlphaOptions.", visibility: .private))
    var logJsonSplitStream: Bool?
    @Option(help: .of("log-json-info-buffer-size", "Accepted with the gate LoggingAlphaOptions.", visibility: .private))
    var logJsonInfoBufferSize: String?
    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: .of("log-text-split-stream", "Accepted with the gate LoggingAlphaOptions.", visibility: .private))
    var logTextSplitStream: Bool?
    @Option(help: .of("log-text-info-buffer-size", "Accepted with the gate LoggingAlphaOptions.", visibility: .private))
    var logTextInfoBufferSize: String?
}

struct ProcessFlags: FlagGroup {
    @Option(help: .of("oom-score-adj", "The process' OOM score adjustment, -1000 to 1000."))
    var oomScoreAdj: String?
    @Option(help: .of("boot-id-file", "Accepted; nothing reads it.", visibility: .private))
    var bootIdFile: String?
    @Option(help: .of("machine-id-file", "Accepted; nothing reads it.", visibility: .private))
    var machineIdFile: String?
}

// MARK: - From properties to flags

/// Flags whose properties bear their names: `proxyMode` is `--proxy-mode`.
protocol FlagGroup: ParsableArguments {}

extension FlagGroup {
    /// Those that were given, in the order of the properties; lists joined by commas.
    var given: [GivenFlag] {
        Mirror(reflecting: self).children.compactMap { child in
            guard let label = child.label?.dropFirst(), let text = (child.value as? any TextValue)?.text else {
                return nil
            }
            return GivenFlag(Self.flagName(label), text)
        }
    }

    /// An empty value is none for these, as it is for kube-proxy.
    mutating func dropEmpty(_ values: [WritableKeyPath<Self, String?>]) {
        for value in values where self[keyPath: value]?.isEmpty == true { self[keyPath: value] = nil }
    }

    private static func flagName(_ property: Substring) -> String {
        property.reduce(into: "") { name, letter in
            if letter.isUppercase { name += "-" }
            name += letter.lowercased()
        }
    }
}

/// A wrapped flag that can say what was given; nil when nothing was.
private protocol TextValue {
    var text: String? { get }
}

extension Option: TextValue {
    var text: String? {
        if let list = wrappedValue as? [String] { return list.isEmpty ? nil : list.joined(separator: ",") }
        return wrappedValue as? String
    }
}

extension Flag: TextValue {
    var text: String? { (wrappedValue as? Bool).map { "\($0)" } }
}

extension ArgumentHelp {
    /// The text with the flag's type and default.
    fileprivate static func of(
        _ name: String, _ text: String, default fallback: String? = nil, visibility: ArgumentVisibility = .default
    ) -> ArgumentHelp {
        let details = FlagDetails.all[name]
        let suffix = fallback.map(FlagDetails.suffix) ?? details?.suffix ?? ""
        return ArgumentHelp("\(text)\(suffix)", valueName: details?.typeName, visibility: visibility)
    }
}

/// What help says of each flag; made once, for the parser asks for it hundreds of times.
private struct FlagDetails {
    let typeName: String
    let suffix: String

    static let all: [String: FlagDetails] = Dictionary(
        uniqueKeysWithValues: ProxyFlag.all.map { flag in
            let suffix = flag.isBoolean ? "" : Self.suffix(flag.defaultText)
            return (flag.name, FlagDetails(typeName: flag.typeName, suffix: suffix))
        })

    static func suffix(_ value: String) -> String { value.isEmpty ? "" : " (default: \(value))" }
}
