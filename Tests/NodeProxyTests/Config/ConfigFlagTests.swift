import KubeAPI
import Testing

@testable import NodeProxy

@Suite struct ConfigFlagTests {
    private static func load(_ flags: [(String, String)], yaml: String? = nil) throws -> LoadedConfiguration {
        let file = yaml.map { ConfigurationFile(name: "p.yaml", text: ConfigDefaultsTests.header + $0) }
        return try LoadedConfiguration(file: file, flags: flags.map { GivenFlag($0.0, $0.1) })
    }

    private static func error(_ flags: [(String, String)], yaml: String? = nil) -> String {
        do {
            _ = try load(flags, yaml: yaml)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    /// A flag, a value, the field it sets, and what the field then holds.
    static let rows: [(flag: String, value: String, path: String, json: JSONValue)] = [
        ("bind-address", "10.0.0.1", "bindAddress", "10.0.0.1"),
        ("bind-address-hard-fail", "true", "bindAddressHardFail", true),
        ("cluster-cidr", "10.0.0.0/8,fd00::/8", "clusterCIDR", "10.0.0.0/8,fd00::/8"),
        ("config-sync-period", "1m", "configSyncPeriod", "1m0s"),
        ("conntrack-max-per-core", "0", "conntrack.maxPerCore", 0), ("conntrack-min", "5", "conntrack.min", 5),
        ("conntrack-tcp-be-liberal", "1", "conntrack.tcpBeLiberal", true),
        ("conntrack-tcp-timeout-close-wait", "5s", "conntrack.tcpCloseWaitTimeout", "5s"),
        ("conntrack-tcp-timeout-established", "5s", "conntrack.tcpEstablishedTimeout", "5s"),
        ("conntrack-udp-timeout", "5s", "conntrack.udpTimeout", "5s"),
        ("conntrack-udp-timeout-stream", "5s", "conntrack.udpStreamTimeout", "5s"),
        ("detect-local-mode", "NodeCIDR", "detectLocalMode", "NodeCIDR"),
        ("feature-gates", "A=true,B=false", "featureGates", ["A": true, "B": false]),
        ("healthz-bind-address", "10.0.0.1", "healthzBindAddress", "10.0.0.1:10256"),
        ("healthz-port", "1", "healthzBindAddress", "0.0.0.0:1"), ("healthz-port", "0", "healthzBindAddress", ""),
        ("hostname-override", " Node-1 ", "hostnameOverride", "node-1"),
        ("iptables-localhost-nodeports", "false", "iptables.localhostNodePorts", false),
        ("iptables-masquerade-bit", "3", "iptables.masqueradeBit", 3),
        ("iptables-min-sync-period", "2s", "iptables.minSyncPeriod", "2s"),
        ("iptables-sync-period", "2s", "iptables.syncPeriod", "2s"),
        ("ipvs-exclude-cidrs", "10.0.0.0/8,11.0.0.0/8", "ipvs.excludeCIDRs", ["10.0.0.0/8", "11.0.0.0/8"]),
        ("ipvs-scheduler", "wlc", "ipvs.scheduler", "wlc"), ("ipvs-strict-arp", "T", "ipvs.strictARP", true),
        ("ipvs-tcp-timeout", "5s", "ipvs.tcpTimeout", "5s"), ("ipvs-tcpfin-timeout", "5s", "ipvs.tcpFinTimeout", "5s"),
        ("ipvs-udp-timeout", "5s", "ipvs.udpTimeout", "5s"), ("kube-api-burst", "7", "clientConnection.burst", 7),
        ("kube-api-content-type", "application/json", "clientConnection.contentType", "application/json"),
        ("kube-api-qps", "2.5", "clientConnection.qps", .double(2.5)),
        ("kubeconfig", "/k", "clientConnection.kubeconfig", "/k"),
        ("log-flush-frequency", "1s", "logging.flushFrequency", "1s"),
        ("log-json-info-buffer-size", "0", "logging.options.json.infoBufferSize", "0"),
        ("log-json-split-stream", "false", "logging.options.json.splitStream", false),
        ("log-text-info-buffer-size", "0", "logging.options.text.infoBufferSize", "0"),
        ("log-text-split-stream", "false", "logging.options.text.splitStream", false),
        ("logging-format", "json", "logging.format", "json"),
        ("masquerade-all", "true", "iptables.masqueradeAll", true),
        ("masquerade-all", "true", "nftables.masqueradeAll", true),
        ("metrics-bind-address", "", "metricsBindAddress", ""),
        ("metrics-bind-address", "::1", "metricsBindAddress", "[::1]:10249"),
        ("metrics-port", "9", "metricsBindAddress", "127.0.0.1:9"),
        ("nodeport-addresses", "primary", "nodePortAddresses", ["primary"]), ("oom-score-adj", "-5", "oomScoreAdj", -5),
        ("pod-bridge-interface", "br0", "detectLocal.bridgeInterface", "br0"),
        ("pod-interface-name-prefix", "veth", "detectLocal.interfaceNamePrefix", "veth"),
        ("profiling", "true", "enableProfiling", true), ("proxy-mode", "nftables", "mode", "nftables"),
        ("show-hidden-metrics-for-version", "1.35", "showHiddenMetricsForVersion", "1.35"),
        ("v", "4", "logging.verbosity", 4),
        (
            "vmodule", "a=3,b*=5", "logging.vmodule",
            [["filePattern": "a", "verbosity": 3], ["filePattern": "b*", "verbosity": 5]]
        ),
    ]

    @Test(arguments: rows.indices) func setsItsField(row: Int) throws {
        let (flag, value, path, json) = Self.rows[row]
        let configuration = try Self.load([(flag, value)]).configuration
        #expect(ConfigDefaultsTests.value(path, configuration.json) == json)
    }

    @Test func everyFlagOfKubeProxyIsKnown() {
        let upstream = Set(Self.rows.map(\.flag)).union([
            "boot-id-file", "cleanup", "config", "init-only", "ipvs-min-sync-period", "ipvs-sync-period",
            "machine-id-file", "master", "version", "write-config-to",
        ])
        #expect(Set(ProxyFlag.all.map(\.name)) == upstream.union(["manifests", "nftables-table"]))
        #expect(ProxyFlag.all.count == Set(ProxyFlag.all.map(\.name)).count)
    }

    @Test func pathsOfFlagsExist() {
        for flag in ProxyFlag.all {
            guard case .fields(let paths) = flag.effect else { continue }
            for path in paths { #expect(ConfigurationField.at(path) != nil, "--\(flag.name): \(path)") }
        }
    }

    /// The period flags go by the mode, whatever the order.
    @Test(arguments: [
        ("iptables-sync-period", "iptables", "iptables.syncPeriod", "9s"),
        ("iptables-sync-period", "nftables", "nftables.syncPeriod", "9s"),
        ("iptables-sync-period", "ipvs", "ipvs.syncPeriod", "30s"),
        ("ipvs-sync-period", "ipvs", "ipvs.syncPeriod", "9s"),
        ("ipvs-sync-period", "nftables", "nftables.syncPeriod", "30s"),
        ("ipvs-min-sync-period", "ipvs", "ipvs.minSyncPeriod", "9s"),
    ])
    func periodsGoByMode(flag: String, mode: String, path: String, value: String) throws {
        for flags in [[(flag, "9s"), ("proxy-mode", mode)], [("proxy-mode", mode), (flag, "9s")]] {
            let json = try Self.load(flags).configuration.json
            #expect(ConfigDefaultsTests.value(path, json) == .string(value))
        }
    }

    @Test(arguments: [
        ("proxy-mod", "x", "--proxy-mod: unknown flag; did you mean --proxy-mode?"), ("zzz", "", "--zzz: unknown flag"),
        (
            "conntrack-min", "many",
            "--conntrack-min: must be an integer between -2147483648 and 2147483647, got \"many\""
        ),
        ("conntrack-min", "-1", "--conntrack-min: must not be negative, got -1"),
        ("v", "-1", "--v: must be an integer between 0 and 4294967295, got \"-1\""),
        ("config-sync-period", "5", "--config-sync-period: must be a duration such as 30s or 1h5m, got \"5\""),
        ("kube-api-qps", "nan", "--kube-api-qps: must be a number, got \"nan\""),
        ("cleanup", "true", "no error"), ("profiling", "maybe", "--profiling: must be true or false, got \"maybe\""),
        ("feature-gates", "A", "--feature-gates: must be NAME=true or NAME=false, got \"A\""),
        ("feature-gates", "A=x", "--feature-gates: must be true or false, got \"x\""),
        ("vmodule", "a", "--vmodule: must be PATTERN=N, got \"a\""),
        ("nftables-table", "apus-2", "no error"),
        (
            "nftables-table", "a b",
            "--nftables-table: must be at most 255 letters, digits and _ . / -, with a letter, _ or . at its beginning, got \"a b\""
        ),
        ("healthz-port", "70000", "--healthz-port: must be a port from 0 to 65535, got \"70000\""),
        (
            "proxy-mode", "kernelspace",
            "--proxy-mode: \"kernelspace\" is a mode of Windows; on Linux there are iptables, ipvs, nftables, userspace, auto"
        ),
        (
            "detect-local-mode", "x",
            "--detect-local-mode: must be one of ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix, got \"x\""
        ),
        (
            "nodeport-addresses", "10.0.0.0/8,x",
            "--nodeport-addresses: must be a CIDR such as 10.0.0.0/8, or primary alone, got \"x\""
        ),
    ])
    func saysWhatIsWrong(flag: String, value: String, message: String) {
        #expect(Self.error([(flag, value)]) == message)
    }

    /// kube-proxy heeds few flags beside a file; the others are named.
    @Test func fileHidesFlags() throws {
        let loaded = try Self.load(
            [
                ("proxy-mode", "ipvs"), ("v", "4"), ("hostname-override", "N"), ("cleanup", "true"),
                ("masquerade-all", "true"),
                ("healthz-port", "1"), ("iptables-sync-period", "1s"), ("logging-format", "json"), ("master", "m"),
            ], yaml: "mode: nftables\nlogging: {verbosity: 1}")
        #expect(loaded.configuration.mode == "nftables")
        #expect(loaded.configuration.logging.verbosity == 4)
        #expect(loaded.configuration.logging.format == "json")
        #expect(loaded.configuration.hostnameOverride == "n")
        #expect(loaded.configuration.healthzBindAddress == "0.0.0.0:10256")
        #expect(
            loaded.warnings
                == ["proxy-mode", "masquerade-all", "iptables-sync-period", "healthz-port"].map {
                    "--\($0) is ignored because --config is given"
                })
    }

    @Test func gatesWithoutAnEffectAreNamed() throws {
        let flag = ("feature-gates", "NFTablesProxyMode=false,Foo=true,LoggingAlphaOptions=true")
        let expected = ["Foo", "NFTablesProxyMode"].map { "feature gate \($0) changes nothing here" }
        #expect(try Self.load([flag]).warnings == expected)
        #expect(try Self.load([], yaml: "featureGates: {Foo: true}").warnings == [expected[0]])
    }

    @Test(arguments: ["1a", "-a", String(repeating: "a", count: 256), "a;b", "ä"])
    func refusesTableNamesThatNftDoesNotRead(name: String) {
        #expect(Self.error([("nftables-table", name)]).hasPrefix("--nftables-table: must be at most 255"))
    }

    @Test func lastOfTwoCounts() throws {
        #expect(try Self.load([("v", "1"), ("v", "2")]).configuration.logging.verbosity == 2)
    }

    @Test(arguments: [
        (["--cleanup=true"], ["--cleanup"]), (["--cleanup=false", "x"], ["--no-cleanup", "x"]),
        (["--cleanup"], ["--cleanup"]),
        (["--cleanup=F"], ["--no-cleanup"]), (["--proxy_mode=ipvs"], ["--proxy-mode=ipvs"]),
        (["--proxy_mode", "a_b"], ["--proxy-mode", "a_b"]), (["--", "--cleanup=true"], ["--", "--cleanup=true"]),
        (["-v=4", "--v=4", "-v", "4"], ["-v=4", "--v=4", "-v", "4"]), (["--config=a=b_c"], ["--config=a=b_c"]),
        (["proxy", "plan", "-o", "json"], ["proxy", "plan", "-o", "json"]), (["-", "--"], ["-", "--"]),
        (["--cluster-cidr=", "plan"], ["--cluster-cidr", "", "plan"]), (["--v", "-"], ["--v", "-"]),
        (["--kube-api-qps", "-1", "--v", "4"], ["--kube-api-qps=-1", "--v", "4"]),
        (["--iptables_sync_period", "-1s"], ["--iptables-sync-period=-1s"]),
        (["--seconds", "-.5"], ["--seconds=-.5"]), (["--cleanup", "-1"], ["--cleanup", "-1"]),
        (["--", "--v", "-1", "--v="], ["--", "--v", "-1", "--v="]),
    ])
    func normalisesGoStyle(arguments: [String], expected: [String]) throws {
        #expect(try GoArguments.normalised(arguments) == expected)
    }

    @Test func refusesStrangeBooleans() {
        let error = #expect(throws: ConfigurationProblem.self) { try GoArguments.normalised(["--cleanup=maybe"]) }
        #expect(error?.description == "--cleanup: must be true or false, got \"maybe\"")
    }
}
