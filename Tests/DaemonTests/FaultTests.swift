import Glibc
import KubeAPI
import Lab
import NetTypes
import TestServers
import TestThreads
import Testing

/// Bad input, foreign hands, and changes while running.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"), .timeLimit(.minutes(30)))
struct FaultTests {
    @Test func tellsOfBadObjectsByEventAndMetric() async throws {
        let lab = try await DaemonLab(.api)
        try lab.apply(
            Objects.service(annotations: ["apus.dev/balance": "astrology"]), lab.slice("web", .pod(1)),
            Objects.service("broken", clusterIP: "10.96.0.11", spec: ["ports": [["port": 70000]]]))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        try lab.wait("both Events") { Set(lab.reasons).isSuperset(of: ["UnknownBalance", "MalformedObject"]) }
        let advice = try #require(lab.cluster.events.first { $0["reason"]?.string == "UnknownBalance" })
        #expect(advice["regarding"]?["kind"]?.string == "Service")
        #expect(advice["regarding"]?["name"]?.string == "web")
        #expect(advice["regarding"]?["uid"]?.string == "uid-of-web")
        #expect(advice["note"]?.string?.contains("astrology") == true)
        let malformed = try #require(lab.cluster.events.first { $0["reason"]?.string == "MalformedObject" })
        #expect(malformed["regarding"]?["name"]?.string == "broken")
        #expect(try lab.metric("apus_malformed_objects_total{resource=\"services\"}") == 1)

        // What was good before stays when it breaks.
        try lab.apply(Objects.service(spec: ["ports": [["port": 70000]]]))
        try lab.wait("the second one to be counted") {
            try lab.metric("apus_malformed_objects_total{resource=\"services\"}") == 2
        }
        #expect(try lab.request().backend == "pod-1")
        await lab.cluster.stop()
    }

    @Test func aBrokenManifestLeavesTheLastGoodState() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        let file = "\(lab.folder.path)/manifests/EndpointSlice-web-1.json"
        try TextFile.write(file, "{\n  \"kind\": [EndpointSlice")
        try lab.wait("the log to name the file and line") { lab.log.contains("EndpointSlice-web-1.json:2") }
        #expect(try lab.metric("apus_malformed_objects_total{resource=\"manifests\"}") == 1)
        #expect(try lab.request().backend == "pod-1")
        try lab.apply(lab.slice("web", .pod(2)))
        try lab.waitForBackends(["pod-2"])
    }

    @Test(arguments: ["nftables", "iptables"]) func repairsWhatOthersFlush(mode: String) async throws {
        let lab = try await DaemonLab()
        try lab.configure(mode: mode)
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        _ = try lab.nft("flush ruleset")
        try lab.waitForBackends(["pod-1"])
        try lab.wait("the repair to be counted") {
            let table = mode == "nftables" ? "ip kube-proxy" : "ip iptables"
            return try lab.metric("apus_foreign_changes_repaired_total{table=\"\(table)\"}") ?? 0 >= 1
        }
        let rules = "kubeproxy_sync_proxy_rules_iptables_total{table=\"nat\",ip_family=\"IPv4\"}"
        #expect(try (lab.metric(rules) ?? 0 > 10) == (mode == "iptables"))
        #expect(try lab.stop() == 0)
        #expect(try lab.request().backend == "pod-1")
    }

    @Test func cleanupLeavesNoTable() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        let early = try lab.command(["proxy", "--cleanup"])
        #expect(early.status == 0)
        #expect(early.output.contains("a proxy runs here (127.0.0.1:10249 answers)"))
        try lab.waitForBackends(["pod-1"])
        #expect(try lab.stop() == 0)
        #expect(try lab.nft("list tables").contains("kube-proxy"))
        let alone = try lab.command(["proxy", "switch", "iptables"])
        #expect(alone.status == 1)
        #expect(alone.output.hasSuffix("(Connection refused); start apus proxy\n"))
        for _ in 0..<2 {
            let (status, output) = try lab.command(["proxy", "--cleanup"])
            #expect(status == 0 && output.isEmpty, "\(output)")
            #expect(try lab.nft("list ruleset").isEmpty)
        }
    }

    @Test func appliesAChangedConfigurationAndKeepsTheLastGoodOne() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .remote(1)))
        try lab.run()
        try lab.waitForBackends(["remote-1"])
        // Traffic from pods is not masqueraded, until everything is.
        let pod = try lab.address(.pod(1))
        try lab.wait("the pod to be seen") { try lab.request(from: .pod(1)).peer == pod }
        try lab.configure("nftables: {masqueradeAll: true}")
        try lab.wait("masquerading") { try lab.request(from: .pod(1)).peer.map { $0 != pod } == true }
        try lab.configure("nftables: {masqueradeAl: false}")
        try lab.wait("the log to name the field") { lab.log.contains("did you mean masqueradeAll?") }
        #expect(try lab.request(from: .pod(1)).peer != pod)
        #expect(try lab.get("/configz").contains("\"masqueradeAll\":true"))
        try lab.configure()
        try lab.wait("the first configuration again") { try lab.request(from: .pod(1)).peer == pod }
    }

    @Test func movesItsServersWhileRunning() async throws {
        let lab = try await DaemonLab()
        try lab.run()
        try lab.configure("metricsBindAddress: 127.0.0.1:12345\nhealthzBindAddress: 0.0.0.0:12346")
        try lab.wait("the new metrics address") { try lab.get("/proxyMode", 12345).hasSuffix("nftables") }
        try lab.wait("the new health address") { try lab.get("/livez", 12346).hasPrefix("HTTP/1.1 200") }
        #expect((try? lab.get("/proxyMode", 10249)) == nil)
        try lab.configure("metricsBindAddress: 127.0.0.1:12345\nenableProfiling: true\nlogging: {verbosity: 5}")
        try lab.wait("the page of the verbosity") { try lab.get("/debug/flags/v", 12345).hasSuffix("5\n") }
    }

    @Test func writesChangedConntrackSettings() async throws {
        let lab = try await DaemonLab(configuration: "conntrack: {tcpCloseWaitTimeout: 1h1m0s}")
        let timeout = {
            try lab.probe.inside(.node) {
                TextFile.read("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait")
            }
        }
        try lab.run()
        #expect(try timeout() == "3660\n")
        try lab.configure("conntrack: {tcpCloseWaitTimeout: 1h2m0s}")
        try lab.wait("the new time-out") { try timeout() == "3720\n" }
    }

    /// Another program holds the port at first.
    @Test func opensAPortOnceItIsFree() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        let holder = try lab.probe.inside(.node) { try PlainListener(port: 10249) }
        try lab.start()
        try lab.waitForBackends(["pod-1"])
        try lab.wait("the log to name the port") { lab.log.contains("cannot listen on 127.0.0.1:10249") }
        holder.close()
        try lab.wait("the metrics") { try lab.get("/proxyMode").hasSuffix("nftables") }
    }

    @Test func bindAddressHardFailEndsTheStart() async throws {
        let lab = try await DaemonLab(configuration: "bindAddressHardFail: true")
        let holder = try lab.probe.inside(.node) { try PlainListener(port: 10249) }
        defer { holder.close() }
        try lab.start()
        let process = try #require(lab.process)
        #expect(try process.wait() != 0)
        #expect(lab.log.contains("cannot listen on 127.0.0.1:10249: address already in use"))
    }

    /// Another kubeconfig is another server: its objects replace those of the first.
    @Test func followsAnotherKubeconfig() async throws {
        let lab = try await DaemonLab(.api)
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        let other = FakeCluster()
        try await other.start(adopting: try lab.probe.inside(.node) { try PlainHTTP.listeningSocket(port: 7443) })
        for object in [Objects.node(), Objects.service(), try lab.slice("web", .pod(2))] {
            other.apply(object, at: Objects.path(object))
        }
        let text = try #require(TextFile.read("\(lab.folder.path)/kubeconfig"))
        try TextFile.write(
            "\(lab.folder.path)/other",
            text.split(separator: "6443", omittingEmptySubsequences: false).joined(separator: "7443"))
        let configuration = try #require(TextFile.read("\(lab.folder.path)/config.yaml"))
        try TextFile.write(
            "\(lab.folder.path)/config.yaml",
            configuration.split(separator: "/kubeconfig,", omittingEmptySubsequences: false).joined(
                separator: "/other,"))
        try lab.waitForBackends(["pod-2"])
        await lab.cluster.stop()
        other.apply(try lab.slice("web", .pod(3)), at: Objects.path(try lab.slice("web", .pod(3))))
        try lab.waitForBackends(["pod-3"])
        await other.stop()
    }
}

extension DaemonLab {
    /// Of the Events that were posted.
    var reasons: [String] { cluster.events.compactMap { $0["reason"]?.string } }
}

/// Holds a port of 127.0.0.1 in the calling thread's namespace.
struct PlainListener {
    private let descriptor: CInt

    init(port: UInt16) throws { descriptor = try PlainHTTP.listeningSocket(port: port) }

    func close() { Glibc.close(descriptor) }
}
