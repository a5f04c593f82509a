import Telemetry
import Testing

@testable import NodeProxy

@Suite struct ConfigChangesTests {
    @Test func namesWhatTakesAChangeUp() {
        var new = KubeProxyConfiguration.defaults
        new.nftables.masqueradeAll = true
        new.logging.verbosity = 4
        new.metricsBindAddress = ""
        new.conntrack.min = 5
        new.mode = "ipvs"
        let changes = KubeProxyConfiguration.changes(from: .defaults, to: new)
        #expect(
            changes.map(\.description) == [
                "logging.verbosity: 0 → 4", "metricsBindAddress: \"127.0.0.1:10249\" → \"\"",
                "mode: \"iptables\" → \"ipvs\"",
                "nftables.masqueradeAll: false → true", "conntrack.min: 131072 → 5",
            ])
        #expect(changes.map(\.impact) == [.logging, .servers, .mode, .settings, .conntrack])
    }

    @Test func findsNothingBetweenEquals() {
        #expect(KubeProxyConfiguration.changes(from: .defaults, to: .defaults).isEmpty)
    }

    /// What the proxy loop's settings are made of must be told to it.
    @Test func settingsFieldsReachTheLoop() {
        var new = KubeProxyConfiguration.defaults
        new.clusterCIDR = "10.0.0.0/8"
        new.nodePortAddresses = ["10.0.0.0/8"]
        new.iptables.masqueradeAll = true
        new.iptables.masqueradeBit = 3
        new.iptables.syncPeriod = .seconds(5)
        let settings = new.proxySettings(nodeName: "n")
        #expect(settings.detector == .clusterCIDR(new.clusterCIDRs))
        #expect(settings.nodePortCIDRs?.map(\.description) == ["10.0.0.0/8"])
        #expect(settings.masqueradeAll)
        #expect(settings.masqueradeBit == 3)
        #expect(settings.syncPeriodSeconds == 5)
        #expect(KubeProxyConfiguration.changes(from: .defaults, to: new).allSatisfy { $0.impact == .settings })
    }

    @Test func detectsLocalTrafficAsConfigured() throws {
        func detector(_ yaml: String) throws -> ProxySettings.DetectorSetting {
            try ConfigDefaultsTests.load(yaml).proxySettings(nodeName: "n").detector
        }
        #expect(try detector("") == .clusterCIDR([]))
        #expect(try detector("detectLocalMode: NodeCIDR") == .nodeCIDR)
        #expect(try detector("detectLocalMode: BridgeInterface\ndetectLocal: {bridgeInterface: br0}") == .bridge("br0"))
        #expect(
            try detector("detectLocalMode: InterfaceNamePrefix\ndetectLocal: {interfaceNamePrefix: v}")
                == .interfacePrefix("v"))
    }

    @Test func setsTheLogsVerbosity() throws {
        let settings = LogSettings(verbosity: 1)
        try ConfigDefaultsTests.load("logging: {verbosity: 5, vmodule: [{filePattern: a, verbosity: 9}]}").logging
            .apply(to: settings)
        #expect(settings.verbosity == 5)
    }

    @Test func namesTheNode() {
        var configuration = KubeProxyConfiguration.defaults
        #expect(configuration.nodeName(host: " Host.Example\n") == "host.example")
        configuration.hostnameOverride = "node-1"
        #expect(configuration.nodeName(host: "h") == "node-1")
    }
}
