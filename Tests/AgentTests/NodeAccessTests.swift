import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

/// Who may ask a node's own API, and what it answers.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes namespaces, mounts and cgroups"),
    .needs("kubectl", "curl"))
struct NodeAccessTests {
    private struct Answer {
        let code: String
        let body: String

        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:]
        }
    }

    private func ask(
        _ cluster: LabCluster, _ path: String, token: String? = nil, method: String = "GET"
    ) throws -> Answer {
        let header = token.map { ["-H", "Authorization: Bearer \($0)"] } ?? []
        let result = try cluster.machine.run(
            "/usr/bin/curl",
            ["-sk", "-X", method, "-w", "\n%{http_code}", "https://192.0.2.10:10250\(path)"] + header)
        let parts = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        return Answer(code: String(parts.last ?? ""), body: parts.dropLast().joined(separator: "\n"))
    }

    @Test func onlyWhoMayIsAnswered() async throws {
        let cluster = try await LabCluster()
        for path in ["/healthz", "/pods", "/run/default/p/c?cmd=id"] {
            #expect(try ask(cluster, path).code == "401")
            #expect(try ask(cluster, path, token: "made.up.token").code == "401")
        }
        try cluster.kubectl(["create", "serviceaccount", "reader"])
        let token = try cluster.kubectl(["create", "token", "reader"]).trimmingCharacters(in: .whitespacesAndNewlines)
        let refused = try ask(cluster, "/pods", token: token)
        #expect(refused.code == "403")
        #expect(refused.body.contains("user=system:serviceaccount:default:reader"))
        #expect(refused.body.contains("verb=get, resource=nodes, subresource=proxy"))

        try cluster.kubectl(["create", "clusterrole", "reader", "--verb=get", "--resource=nodes/proxy,nodes/stats"])
        try cluster.kubectl([
            "create", "clusterrolebinding", "reader", "--clusterrole=reader", "--serviceaccount=default:reader",
        ])
        try await TimedOut.wait {
            try ask(cluster, "/healthz", token: token).code == "200"
        } orSay: {
            cluster.machine.log("agent")
        }
        // It may read, not act; and not read what it was not given.
        #expect(try ask(cluster, "/run/default/p/c?cmd=id", token: token, method: "POST").code == "403")
        #expect(try ask(cluster, "/metrics", token: token).code == "403")
        try bodies(cluster, token)
    }

    private func bodies(_ cluster: LabCluster, _ token: String) throws {
        #expect(try ask(cluster, "/healthz", token: token).body == "ok")
        #expect(try ask(cluster, "/nothing", token: token).code == "404")
        #expect(try ask(cluster, "/pods", token: token).json["kind"] as? String == "PodList")
        let configuration = try ask(cluster, "/configz", token: token).json["kubeletconfig"] as? [String: Any]
        #expect(configuration?["clusterDNS"] as? [String] == ["10.96.0.10"])
        let summary = try ask(cluster, "/stats/summary", token: token).json
        let node = summary["node"] as? [String: Any]
        #expect(node?["nodeName"] as? String == "node-1")
        let memory = node?["memory"] as? [String: Any]
        #expect((memory?["workingSetBytes"] as? Int ?? 0) > 0)
    }
}
