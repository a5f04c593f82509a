import Glibc
import KubeAPI
import Lab
import NetTypes
import TestServers
import TestThreads
import Testing

/// What the daemon answers over HTTP.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"), .timeLimit(.minutes(30)))
struct PageTests {
    @Test func answersForItself() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.waitForBackends(["pod-1"])
        let health = try lab.get("/healthz", 10256)
        #expect(health.hasPrefix("HTTP/1.1 200"))
        #expect(health.contains("\"nodeEligible\":true"))
        #expect(try lab.get("/livez", 10256).hasPrefix("HTTP/1.1 200"))
        #expect(try lab.get("/healthz").hasSuffix("\r\n\r\nok"))
        #expect(try lab.get("/proxyMode").hasSuffix("\r\n\r\nnftables"))
        #expect(try lab.get("/configz").contains("\"hostnameOverride\":\"\(Objects.nodeName)\""))
        try lab.wait("the Service to be counted") { try lab.metric("apus_services") == 1 }
        let explanation = try lab.get("/explain?to=10.96.0.10:80&from=10.2.0.2")
        #expect(explanation.contains("default/web"))
        #expect(explanation.contains("\(try lab.address(.pod(1))):8080"))
        #expect(try lab.get("/explain?to=nonsense").hasPrefix("HTTP/1.1 400"))
        let (status, output) = try lab.command(["proxy", "explain", "--proxy-mode", "nftables", "10.96.0.10:80"])
        #expect(status == 0)
        #expect(output.contains("default/web"))

        let taint: JSONValue = ["key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"]
        try lab.apply(Objects.node(taints: [taint]))
        try lab.wait("the node to be leaving") { try lab.get("/healthz", 10256).hasPrefix("HTTP/1.1 503") }
        #expect(try lab.get("/livez", 10256).hasPrefix("HTTP/1.1 200"))
    }

    /// Without a daemon, and without manifests.
    @Test func plansAndExplainsFromAnAPIServer() async throws {
        let lab = try await DaemonLab(.api)
        try lab.apply(
            Objects.service(), lab.slice("web", .pod(1)),
            Objects.service("broken", clusterIP: "10.96.0.11", spec: ["ports": [["port": 70000]]]))
        let flags = ["--kubeconfig", "\(lab.folder.path)/kubeconfig", "--hostname-override", Objects.nodeName]
        let (planned, plan) = try lab.command(["proxy", "plan"] + flags)
        #expect(planned == 0, "\(plan)")
        #expect(plan.contains("10.96.0.10:80"))
        #expect(plan.contains("Service default/broken: spec.ports[0].port: must be between 1 and 65535, got 70000"))
        let (explained, explanation) = try lab.command(["proxy", "explain"] + flags + ["10.96.0.10:80"])
        #expect(explained == 0, "\(explanation)")
        #expect(explanation.contains("default/web"))
        #expect(explanation.contains("\(try lab.address(.pod(1))):8080"))
        #expect(try lab.nft("list ruleset").isEmpty)
        await lab.cluster.stop()
        let (failed, error) = try lab.command(["proxy", "plan"] + flags)
        #expect(failed != 0)
        #expect(error.contains("API server not reached"))
    }

    static let port: UInt16 = 32000

    static func local() -> JSONValue {
        Objects.service(
            spec: [
                "type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": .integer(Int64(port)),
            ], nodePort: 30080)
    }

    @Test func healthCheckNodePortsTellOfLocalEndpoints() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Self.local(), lab.slice("web", .pod(1), .pod(2), .remote(1)))
        try lab.run()
        let node = try lab.address(.node)
        try lab.wait("the health check") { try lab.get("/", Self.port, host: node).hasPrefix("HTTP/1.1 200") }
        let answer = try lab.get("/", Self.port, host: node)
        #expect(answer.contains("X-Load-Balancing-Endpoint-Weight: 2\r\n"))
        #expect(
            answer.hasSuffix(
                #"{"service":{"namespace":"default","name":"web"},"localEndpoints":2,"serviceProxyHealthy":true}"#))
        // Served on node-port addresses alone: in this mode, the node's primary ones.
        #expect((try? lab.get("/", Self.port)) == nil)
        #expect((try? lab.get("/", Self.port, host: lab.probe.plan.nodeAddresses[2])) == nil)
        try lab.apply(lab.slice("web", .remote(1)))
        try lab.wait("no local endpoints") { try lab.get("/", Self.port, host: node).hasPrefix("HTTP/1.1 503") }
        #expect(try lab.get("/", Self.port, host: node).contains("\"localEndpoints\":0"))

        try lab.configure("nodePortAddresses: [127.0.0.0/8]")
        try lab.wait("the check on loopback") { try lab.get("/", Self.port).hasPrefix("HTTP/1.1 503") }
        #expect((try? lab.get("/", Self.port, host: node)) == nil)
        try lab.delete(Self.local())
        try lab.wait("the check to be gone") { (try? lab.get("/", Self.port)) == nil }
    }

    @Test func aTakenHealthCheckPortIsAnEvent() async throws {
        let lab = try await DaemonLab(.api, configuration: "nodePortAddresses: [127.0.0.0/8]")
        let holder = try lab.probe.inside(.node) { try PlainListener(port: Self.port) }
        try lab.apply(Self.local(), lab.slice("web", .pod(1)))
        try lab.run()
        try lab.wait("the Event") { lab.reasons.contains("FailedToStartServiceHealthcheck") }
        let event = try #require(lab.cluster.events.first { $0["reason"]?.string == "FailedToStartServiceHealthcheck" })
        #expect(event["regarding"]?["name"]?.string == "web")
        #expect(event["note"]?.string?.contains("on port \(Self.port)") == true)
        holder.close()
        try lab.wait("the port to open") { try lab.get("/", Self.port).hasPrefix("HTTP/1.1 200") }
        await lab.cluster.stop()
    }
}
