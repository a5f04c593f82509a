import KubeAPI
import Testing

@testable import NodeProxy

@Suite struct ConfigDefaultsTests {
    static let header = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

    /// The field names and defaults of KubeProxyConfiguration, as JSON.
    static let facts: [(path: String, value: JSONValue)] = [
        ("apiVersion", "kubeproxy.config.k8s.io/v1alpha1"), ("kind", "KubeProxyConfiguration"), ("featureGates", [:]),
        ("clientConnection.kubeconfig", ""), ("clientConnection.acceptContentTypes", ""),
        ("clientConnection.contentType", "application/vnd.kubernetes.protobuf"), ("clientConnection.qps", 5),
        ("clientConnection.burst", 10), ("logging.format", "text"), ("logging.flushFrequency", "5s"),
        ("logging.verbosity", 0), ("logging.vmodule", []), ("logging.options.text.splitStream", false),
        ("logging.options.text.infoBufferSize", "0"), ("logging.options.json.splitStream", false),
        ("logging.options.json.infoBufferSize", "0"), ("hostnameOverride", ""), ("bindAddress", "0.0.0.0"),
        ("healthzBindAddress", "0.0.0.0:10256"), ("metricsBindAddress", "127.0.0.1:10249"),
        ("bindAddressHardFail", false), ("enableProfiling", false), ("showHiddenMetricsForVersion", ""),
        ("mode", "iptables"), ("iptables.masqueradeBit", 14), ("iptables.masqueradeAll", false),
        ("iptables.localhostNodePorts", true), ("iptables.syncPeriod", "30s"), ("iptables.minSyncPeriod", "1s"),
        ("ipvs.syncPeriod", "30s"), ("ipvs.minSyncPeriod", "0s"), ("ipvs.scheduler", ""), ("ipvs.excludeCIDRs", []),
        ("ipvs.strictARP", false), ("ipvs.tcpTimeout", "0s"), ("ipvs.tcpFinTimeout", "0s"), ("ipvs.udpTimeout", "0s"),
        ("nftables.masqueradeBit", 14), ("nftables.masqueradeAll", false), ("nftables.syncPeriod", "30s"),
        ("nftables.minSyncPeriod", "1s"), ("winkernel.networkName", ""), ("winkernel.sourceVip", ""),
        ("winkernel.enableDSR", false), ("winkernel.rootHnsEndpointName", ""),
        ("winkernel.forwardHealthCheckVip", false), ("detectLocalMode", "ClusterCIDR"),
        ("detectLocal.bridgeInterface", ""), ("detectLocal.interfaceNamePrefix", ""), ("clusterCIDR", ""),
        ("nodePortAddresses", []), ("oomScoreAdj", -999), ("conntrack.maxPerCore", 32768), ("conntrack.min", 131072),
        ("conntrack.tcpEstablishedTimeout", "24h0m0s"), ("conntrack.tcpCloseWaitTimeout", "1h0m0s"),
        ("conntrack.tcpBeLiberal", false), ("conntrack.udpTimeout", "0s"), ("conntrack.udpStreamTimeout", "0s"),
        ("configSyncPeriod", "15m0s"), ("portRange", ""), ("windowsRunAsService", false),
    ]

    static func value(_ path: String, _ json: JSONValue) -> JSONValue? {
        path.split(separator: ".").reduce(json as JSONValue?) { $0?[String($1)] }
    }

    @Test(arguments: facts.map(\.path)) func hasDefault(path: String) throws {
        let expected = try #require(Self.facts.first { $0.path == path }?.value)
        #expect(Self.value(path, KubeProxyConfiguration.defaults.json) == expected)
    }

    @Test func hasNoOtherField() {
        let known = Set(Self.facts.map(\.path)).subtracting(["apiVersion", "kind"])
        #expect(Set(ConfigurationField.all.map(\.path)) == known)
        #expect(ConfigurationField.all.count == known.count)
    }

    static func load(_ yaml: String, _ flags: [GivenFlag] = []) throws -> KubeProxyConfiguration {
        try LoadedConfiguration(file: ConfigurationFile(name: "p.yaml", text: header + yaml), flags: flags)
            .configuration
    }

    @Test func anEmptyFileMeansTheDefaults() throws {
        #expect(try Self.load("") == .defaults)
        #expect(try Self.load("iptables: {}\nipvs:\nconntrack:\n  min: null\nclusterCIDR: null\n") == .defaults)
        #expect(try LoadedConfiguration(file: nil, flags: []).configuration == .defaults)
    }

    /// A zero given counts where absence differs from zero, and is filled in elsewhere.
    @Test func tellsZeroFromAbsence() throws {
        let configuration = try Self.load(
            """
            oomScoreAdj: 0
            iptables: {masqueradeBit: 0, localhostNodePorts: false, minSyncPeriod: 0s}
            conntrack: {min: 0, maxPerCore: 0, tcpEstablishedTimeout: 0s}
            clientConnection: {qps: 0}
            """)
        #expect(configuration.oomScoreAdj == 0)
        #expect(configuration.iptables.masqueradeBit == 0)
        #expect(configuration.iptables.localhostNodePorts == false)
        #expect(configuration.iptables.minSyncPeriod == .seconds(1))
        #expect(configuration.conntrack.min == 0)
        #expect(configuration.conntrack.maxPerCore == 0)
        #expect(configuration.conntrack.tcpEstablishedTimeout == .zero)
        #expect(configuration.clientConnection.qps == 5)
    }

    @Test(arguments: [
        ("", "0.0.0.0:10256", "127.0.0.1:10249"), ("bindAddress: '::'", "[::]:10256", "[::1]:10249"),
        ("bindAddress: 10.0.0.1", "0.0.0.0:10256", "127.0.0.1:10249"),
        ("healthzBindAddress: 10.0.0.1\nmetricsBindAddress: '::'", "10.0.0.1:10256", "[::]:10249"),
        ("healthzBindAddress: '[fd00::1]'\nmetricsBindAddress: '[::1]:1'", "[fd00::1]:10256", "[::1]:1"),
    ])
    func appendsPorts(yaml: String, healthz: String, metrics: String) throws {
        let configuration = try Self.load(yaml)
        #expect(configuration.healthzBindAddress == healthz)
        #expect(configuration.metricsBindAddress == metrics)
        #expect(configuration.healthzAddress?.description == healthz)
    }

    @Test func nodePortsAreOnPrimaryAddressesInNftablesMode() throws {
        #expect(try Self.load("mode: nftables").json["nodePortAddresses"] == ["primary"])
        #expect(try Self.load("mode: nftables").nodePortCIDRs == nil)
        #expect(try Self.load("mode: auto").nodePortCIDRs == nil)
        #expect(try Self.load("mode: nftables\nnodePortAddresses: [10.0.0.0/8]").nodePortAddresses == ["10.0.0.0/8"])
        #expect(try Self.load("mode: ipvs").nodePortAddresses == [])
        #expect(try Self.load("mode: ipvs").nodePortCIDRs?.map(\.description) == ["0.0.0.0/0", "::/0"])
        #expect(
            try LoadedConfiguration(file: nil, flags: [GivenFlag("proxy-mode", "nftables")]).configuration
                .nodePortCIDRs == nil)
    }

    /// Whatever mode the file names: another one may be in force.
    @Test func whatNothingIsSaidOfIsTheDefaultOfTheModeInForce() throws {
        for named in ["nftables", "iptables", "auto"] {
            let settings = try Self.load("mode: \(named)\niptables: {masqueradeAll: true}").settings(nodeName: "n")
            #expect(settings(.nftables).nodePortCIDRs == nil)
            #expect(!settings(.nftables).masqueradeAll)
            #expect(settings(.nftables).loopbackNodePorts == .whereNamed)
            #expect(settings(.iptables).nodePortCIDRs?.map(\.description) == ["0.0.0.0/0", "::/0"])
            #expect(settings(.iptables).masqueradeAll)
            #expect(settings(.iptables).loopbackNodePorts == .everywhere)
        }
        let primary = try Self.load("mode: nftables\nnodePortAddresses: [primary]").settings(nodeName: "n")
        #expect(primary(.iptables).nodePortCIDRs == nil)
        let local = try Self.load("iptables: {localhostNodePorts: false}").settings(nodeName: "n")
        #expect(local(.iptables).loopbackNodePorts == .nowhere)
    }

    @Test(arguments: [
        ("mode: iptables", "iptables"), ("\"mode\": ipvs", "ipvs"), ("clusterCIDR: 10.0.0.0/8", "nftables"),
        ("detectLocalMode: NodeCIDR", "nftables"), ("mode: ''", "nftables"),
    ])
    func aModeThatIsNamedHolds(yaml: String, mode: String) throws {
        let file = ConfigurationFile(name: "p.yaml", text: Self.header + yaml)
        #expect(try LoadedConfiguration(file: file, flags: [], mode: .nftables).configuration.mode == mode)
        let kinds = #""apiVersion":"kubeproxy.config.k8s.io/v1alpha1","kind":"KubeProxyConfiguration""#
        let json = ConfigurationFile(name: "p.json", text: "{\(kinds),\"mode\":\"\(mode)\"}")
        #expect(try LoadedConfiguration(file: json, flags: [], mode: .userspace).configuration.mode == mode)
    }
}
