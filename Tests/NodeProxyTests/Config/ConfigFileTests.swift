import KubeAPI
import Testing

@testable import NodeProxy

@Suite struct ConfigFileTests {
    private static let header = ConfigDefaultsTests.header

    static func errors(_ text: String) -> String {
        do {
            _ = try LoadedConfiguration(file: ConfigurationFile(name: "kube-proxy.yaml", text: text), flags: [])
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("iptables:\n  masqueradeBitt: 3", "4: iptables.masqueradeBitt: unknown field; did you mean masqueradeBit?"),
        ("Mode: ipvs", "3: Mode: unknown field; did you mean mode?"),
        ("frobnicate: 1", "3: frobnicate: unknown field"),
        (
            "conntrack:\n  max: 1\n  mni: 2",
            "4: conntrack.max: unknown field\nkube-proxy.yaml:5: conntrack.mni: unknown field"
        ),
        ("logging:\n  options:\n    txt: {}", "5: logging.options.txt: unknown field; did you mean text?"),
        ("iptables: 5", "3: iptables: must be an object, got a number"),
        (
            "iptables:\n  masqueradeBit: many",
            "4: iptables.masqueradeBit: must be an integer between -2147483648 and 2147483647, got \"many\""
        ),
        (
            "iptables: {masqueradeBit: 4294967296}",
            "3: iptables.masqueradeBit: must be an integer between -2147483648 and 2147483647, got 4294967296"
        ),
        ("iptables: {syncPeriod: 30}", "3: iptables.syncPeriod: must be a duration such as 30s or 1h5m, got 30"),
        (
            "iptables: {syncPeriod: soon}",
            "3: iptables.syncPeriod: must be a duration such as 30s or 1h5m, got \"soon\""
        ),
        ("iptables: {masqueradeAll: 'true'}", "3: iptables.masqueradeAll: must be true or false, got \"true\""),
        ("clientConnection: {qps: fast}", "3: clientConnection.qps: must be a number, got \"fast\""),
        ("clusterCIDR: 5", "3: clusterCIDR: must be a string, got 5"),
        ("nodePortAddresses: 10.0.0.0/8", "3: nodePortAddresses: must be an array, got \"10.0.0.0/8\""),
        ("nodePortAddresses: [10.0.0.0/8, 5]", "3: nodePortAddresses[1]: must be a string, got 5"),
        ("featureGates: {A: 'yes'}", "3: featureGates.A: must be true or false, got \"yes\""),
        ("logging: {vmodule: [{verbosity: 3}]}", "3: logging.vmodule[0].filePattern: required"),
        ("logging: {vmodule: [{filePattern: a, x: 3}]}", "3: logging.vmodule[0].x: unknown field"),
        (
            "logging: {options: {text: {infoBufferSize: big}}}",
            "3: logging.options.text.infoBufferSize: must be a quantity such as 64Ki, got \"big\""
        ),
        ("mode: [", "4: "),
    ])
    func saysWhatIsWrong(yaml: String, message: String) {
        #expect(Self.errors(Self.header + yaml).hasPrefix("kube-proxy.yaml:\(message)"))
    }

    @Test(arguments: [
        ("", "kube-proxy.yaml: the file is empty"),
        ("[1]", "kube-proxy.yaml:1: must be an object, got an array"),
        (
            "kind: KubeProxyConfiguration",
            "kube-proxy.yaml:1: apiVersion: required, must be kubeproxy.config.k8s.io/v1alpha1"
        ),
        (
            "apiVersion: v1\nkind: Pod",
            "kube-proxy.yaml:1: apiVersion: must be kubeproxy.config.k8s.io/v1alpha1, got \"v1\"\nkube-proxy.yaml:2: kind: must be KubeProxyConfiguration, got \"Pod\""
        ),
        ("a: 1\n---\nb: 2", "kube-proxy.yaml: must hold one document, got 2"),
    ])
    func refusesOtherFiles(text: String, message: String) {
        #expect(Self.errors(text) == message)
    }

    /// One row per rule of the table of fields.
    @Test(arguments: [
        ("clientConnection: {burst: -1}", "clientConnection.burst: must not be negative, got -1"),
        ("logging: {format: xml}", "logging.format: must be text or json, got \"xml\""),
        (
            "logging: {options: {json: {splitStream: true}}}",
            "logging.options.json.splitStream: needs the feature gate LoggingAlphaOptions"
        ),
        (
            "logging: {options: {text: {infoBufferSize: 1Ki}}}",
            "logging.options.text.infoBufferSize: needs the feature gate LoggingAlphaOptions"
        ),
        ("bindAddress: here", "bindAddress: must be an IP address, got \"here\""),
        (
            "healthzBindAddress: 'host:1'",
            "healthzBindAddress: must be IP:port with a port from 1 to 65535, got \"host:1\""
        ),
        (
            "metricsBindAddress: '1.2.3.4:0'",
            "metricsBindAddress: must be IP:port with a port from 1 to 65535, got \"1.2.3.4:0\""
        ),
        (
            "metricsBindAddress: '1.2.3.4:70000'",
            "metricsBindAddress: must be IP:port with a port from 1 to 65535, got \"1.2.3.4:70000\""
        ),
        (
            "showHiddenMetricsForVersion: new",
            "showHiddenMetricsForVersion: must be a version such as 1.35, got \"new\""
        ),
        (
            "mode: kernelspace",
            "mode: \"kernelspace\" is a mode of Windows; on Linux there are iptables, ipvs, nftables, userspace, auto"
        ),
        ("mode: IPVS", "mode: must be one of iptables, ipvs, nftables, userspace, auto, got \"IPVS\""),
        ("iptables: {masqueradeBit: 32}", "iptables.masqueradeBit: must be between 0 and 31, got 32"),
        ("iptables: {masqueradeBit: -1}", "iptables.masqueradeBit: must be between 0 and 31, got -1"),
        ("iptables: {syncPeriod: -1s}", "iptables.syncPeriod: must be greater than 0, got -1s"),
        ("iptables: {minSyncPeriod: -1s}", "iptables.minSyncPeriod: must not be negative, got -1s"),
        ("iptables: {minSyncPeriod: 31s}", "iptables.minSyncPeriod: must not be longer than syncPeriod (30s), got 31s"),
        ("ipvs: {syncPeriod: -1s}", "ipvs.syncPeriod: must be greater than 0, got -1s"),
        ("ipvs: {minSyncPeriod: 1h}", "ipvs.minSyncPeriod: must not be longer than syncPeriod (30s), got 1h0m0s"),
        (
            "ipvs: {scheduler: best}",
            "ipvs.scheduler: must be one of rr, wrr, lc, wlc, lblc, lblcr, sh, dh, sed, nq, mh, got \"best\""
        ),
        ("ipvs: {excludeCIDRs: [1.2.3.4]}", "ipvs.excludeCIDRs[0]: must be a CIDR such as 10.0.0.0/8, got \"1.2.3.4\""),
        ("ipvs: {tcpTimeout: -1s}", "ipvs.tcpTimeout: must not be negative, got -1s"),
        ("ipvs: {tcpFinTimeout: -1s}", "ipvs.tcpFinTimeout: must not be negative, got -1s"),
        ("ipvs: {udpTimeout: -1s}", "ipvs.udpTimeout: must not be negative, got -1s"),
        ("nftables: {masqueradeBit: 99}", "nftables.masqueradeBit: must be between 0 and 31, got 99"),
        ("nftables: {syncPeriod: -1s}", "nftables.syncPeriod: must be greater than 0, got -1s"),
        ("nftables: {minSyncPeriod: 1m}", "nftables.minSyncPeriod: must not be longer than syncPeriod (30s), got 1m0s"),
        (
            "detectLocalMode: Magic",
            "detectLocalMode: must be one of ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix, got \"Magic\""
        ),
        (
            "detectLocalMode: BridgeInterface",
            "detectLocal.bridgeInterface: required for detectLocalMode BridgeInterface"
        ),
        (
            "detectLocalMode: InterfaceNamePrefix",
            "detectLocal.interfaceNamePrefix: required for detectLocalMode InterfaceNamePrefix"
        ),
        (
            "detectLocalMode: BridgeInterface\ndetectLocal: {bridgeInterface: a/b}",
            "detectLocal.bridgeInterface: must be an interface's name of at most 15 characters, got \"a/b\""
        ),
        (
            "clusterCIDR: 10.0.0.0",
            "clusterCIDR: must be a CIDR, or an IPv4 and an IPv6 one with a comma between them, got \"10.0.0.0\""
        ),
        (
            "clusterCIDR: '10.0.0.0/8,11.0.0.0/8'",
            "clusterCIDR: must be a CIDR, or an IPv4 and an IPv6 one with a comma between them, got \"10.0.0.0/8,11.0.0.0/8\""
        ),
        (
            "nodePortAddresses: [primary, 10.0.0.0/8]",
            "nodePortAddresses[0]: must be a CIDR such as 10.0.0.0/8, or primary alone, got \"primary\""
        ),
        ("oomScoreAdj: 1001", "oomScoreAdj: must be between -1000 and 1000, got 1001"),
        ("oomScoreAdj: -1001", "oomScoreAdj: must be between -1000 and 1000, got -1001"),
        ("conntrack: {maxPerCore: -1}", "conntrack.maxPerCore: must not be negative, got -1"),
        ("conntrack: {min: -1}", "conntrack.min: must not be negative, got -1"),
        ("conntrack: {tcpEstablishedTimeout: -1s}", "conntrack.tcpEstablishedTimeout: must not be negative, got -1s"),
        ("conntrack: {tcpCloseWaitTimeout: -1s}", "conntrack.tcpCloseWaitTimeout: must not be negative, got -1s"),
        ("conntrack: {udpTimeout: -1s}", "conntrack.udpTimeout: must not be negative, got -1s"),
        ("conntrack: {udpStreamTimeout: -1s}", "conntrack.udpStreamTimeout: must not be negative, got -1s"),
        ("configSyncPeriod: -1s", "configSyncPeriod: must be greater than 0, got -1s"),
    ])
    func validates(yaml: String, message: String) {
        let text = Self.errors(Self.header + yaml)
        #expect(text.hasPrefix("kube-proxy.yaml:"))
        #expect(text.hasSuffix(": \(message)"))
        #expect(!text.contains("\n"))
    }

    @Test func reportsEverythingAtOnce() {
        let text = Self.errors(Self.header + "oomScoreAdj: 5000\nbindAddress: x\nconntrack:\n  min: -1\n")
        #expect(text.split(separator: "\n").count == 3)
        #expect(text.contains("kube-proxy.yaml:6: conntrack.min: must not be negative, got -1"))
    }

    @Test(arguments: ["winuserspace", "kernelspace"]) func modesOfWindowsAreNamedAsSuch(mode: String) {
        #expect(
            Self.errors(Self.header + "mode: \(mode)")
                == "kube-proxy.yaml:3: mode: \"\(mode)\" is a mode of Windows; on Linux there are iptables, ipvs, nftables, "
                + "userspace, auto")
    }

    @Test(arguments: ["iptables", "ipvs", "nftables", "userspace", "auto"]) func knowsModes(mode: String) throws {
        #expect(try ConfigDefaultsTests.load("mode: \(mode)").proxyMode.rawValue == mode)
    }

    @Test func readsJSONToo() throws {
        let text = #"{"kind":"KubeProxyConfiguration","apiVersion":"kubeproxy.config.k8s.io/v1alpha1","mode":"ipvs"}"#
        let file = ConfigurationFile(name: "p.json", text: text)
        #expect(try LoadedConfiguration(file: file, flags: []).configuration.mode == "ipvs")
    }

    /// The file that kubeadm writes, fields that are null included.
    @Test func readsKubeadmsFile() throws {
        let configuration = try ConfigDefaultsTests.load(
            """
            bindAddress: 0.0.0.0
            bindAddressHardFail: false
            clientConnection:
              acceptContentTypes: ""
              burst: 0
              contentType: ""
              kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
              qps: 0
            clusterCIDR: 10.244.0.0/16
            configSyncPeriod: 0s
            conntrack:
              maxPerCore: null
              min: null
              tcpBeLiberal: false
              tcpCloseWaitTimeout: null
              tcpEstablishedTimeout: null
              udpStreamTimeout: 0s
              udpTimeout: 0s
            detectLocal:
              bridgeInterface: ""
              interfaceNamePrefix: ""
            detectLocalMode: ""
            enableProfiling: false
            healthzBindAddress: ""
            hostnameOverride: ""
            iptables:
              localhostNodePorts: null
              masqueradeAll: false
              masqueradeBit: null
              minSyncPeriod: 0s
              syncPeriod: 0s
            ipvs:
              excludeCIDRs: null
              minSyncPeriod: 0s
              scheduler: ""
              strictARP: false
              syncPeriod: 0s
              tcpFinTimeout: 0s
              tcpTimeout: 0s
              udpTimeout: 0s
            logging:
              flushFrequency: 0
              options:
                json:
                  infoBufferSize: "0"
                text:
                  infoBufferSize: "0"
              verbosity: 0
            metricsBindAddress: ""
            mode: ""
            nftables:
              masqueradeAll: false
              masqueradeBit: null
              minSyncPeriod: 0s
              syncPeriod: 0s
            nodePortAddresses: null
            oomScoreAdj: null
            portRange: ""
            showHiddenMetricsForVersion: ""
            winkernel:
              enableDSR: false
              forwardHealthCheckVip: false
              networkName: ""
              rootHnsEndpointName: ""
              sourceVip: ""
            """)
        var expected = KubeProxyConfiguration.defaults
        expected.clusterCIDR = "10.244.0.0/16"
        expected.clientConnection.kubeconfig = "/var/lib/kube-proxy/kubeconfig.conf"
        #expect(configuration == expected)
    }

    @Test func readsBackWhatItWrites() throws {
        var configuration = KubeProxyConfiguration.defaults
        #expect(try reread(configuration) == configuration)
        configuration.mode = "nftables"
        configuration.nodePortAddresses = ["10.0.0.0/8", "fd00::/8"]
        configuration.featureGates = ["B": true, "A": false]
        configuration.logging.vmodule = [VerbosityRule(filePattern: "a*", verbosity: 4)]
        configuration.clientConnection.qps = 0.1
        configuration.hostnameOverride = "yes"
        configuration.portRange = "1:30"
        configuration.clientConnection.kubeconfig = "/a b: #\"\\'\n\u{1}"
        configuration.iptables.syncPeriod = GoDuration(nanoseconds: 3_723_500_000_000)
        #expect(try reread(configuration) == configuration)
        #expect(configuration.yaml.contains("\nhostnameOverride: \"yes\"\n"))
        #expect(configuration.yaml.contains("\nportRange: \"1:30\"\n"))
        #expect(configuration.yaml.contains("  qps: 0.1\n"))
    }

    private func reread(_ configuration: KubeProxyConfiguration) throws -> KubeProxyConfiguration {
        try LoadedConfiguration(file: ConfigurationFile(name: "w.yaml", text: configuration.yaml), flags: [])
            .configuration
    }

    @Test func writesYAMLThatPeopleRead() {
        let yaml = KubeProxyConfiguration.defaults.yaml
        #expect(
            yaml.hasPrefix(
                "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nbindAddress: 0.0.0.0\nbindAddressHardFail: false\n"))
        #expect(yaml.contains("\nconntrack:\n  maxPerCore: 32768\n  min: 131072\n"))
        #expect(yaml.contains("\nhealthzBindAddress: 0.0.0.0:10256\n"))
        #expect(yaml.contains("\nnodePortAddresses: []\n"))
        #expect(yaml.contains("  syncPeriod: 30s\n"))
    }

    @Test func configzUsesTheNamesOfTheFile() throws {
        let json = KubeProxyConfiguration.defaults.configz
        #expect(json["kubeproxy.config.k8s.io"]?["iptables"]?["masqueradeBit"]?.integer == 14)
    }

    @Test func neverTrapsOnBrokenFiles() {
        var generator = Xorshift(state: 7)
        let good = Array(KubeProxyConfiguration.defaults.yaml.utf8)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<4 {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next() % 128)
            }
            _ = Self.errors(String(decoding: bytes, as: UTF8.self))
        }
    }
}
