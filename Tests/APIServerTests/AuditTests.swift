import AccessControl
import Foundation
import KubeAPI
import Logging
import TestThreads
import Testing

@testable import APIServer

@Suite(.ownThread) struct AuditTests {
    static let policy = """
        {"apiVersion":"audit.k8s.io/v1","kind":"Policy","omitStages":["RequestReceived"],"rules":[
          {"level":"None","users":["system:kube-proxy"],"verbs":["watch"],"resources":[{"group":"","resources":["services"]}]},
          {"level":"None","nonResourceURLs":["/healthz*","/version"]},
          {"level":"Metadata","resources":[{"group":"","resources":["secrets","pods/*"]}]},
          {"level":"RequestResponse","namespaces":["prod"],"resources":[{"group":"apps"}]},
          {"level":"Request","userGroups":["dev"]}]}
        """

    @Test(arguments: [
        ("system:kube-proxy", "", "watch", "services", "", "", AuditLevel.none),
        ("jane", "", "get", "secrets", "", "ns", .metadata),
        ("jane", "", "get", "pods/log", "", "ns", .metadata), ("jane", "dev", "get", "pods", "", "ns", .request),
        ("jane", "dev", "create", "deployments", "apps", "prod", .requestResponse),
        ("jane", "dev", "create", "deployments", "apps", "test", .request),
        ("jane", "", "get", "pods", "", "ns", .none),
    ])
    func levels(
        user: String, group: String, verb: String, resource: String, api: String, namespace: String, level: AuditLevel
    )
        throws
    {
        let policy = try AuditPolicy(json: Sample.json(Self.policy))
        let parts = resource.split(separator: "/").map(String.init)
        let request = RequestAttributes(
            user: UserInfo(name: user, groups: [group]), verb: verb, group: api, resource: parts[0],
            subresource: parts.count > 1 ? parts[1] : "", namespace: namespace)
        #expect(policy.rule(for: request)?.level ?? .none == level)
    }

    @Test func pathsAndMistakes() throws {
        let policy = try AuditPolicy(json: Sample.json(Self.policy))
        let dev = UserInfo(name: "u", groups: ["dev"])
        #expect(policy.rule(for: .init(user: dev, verb: "get", path: "/healthz/etcd"))?.level == AuditLevel.none)
        #expect(policy.rule(for: .init(user: dev, verb: "get", path: "/metrics"))?.level == .request)
        for text in [
            #"{"kind":"Policy","apiVersion":"audit.k8s.io/v1"}"#, #"{"kind":"Pod"}"#,
            Self.policy.replacing("None", with: "Nothing"),
        ] {
            #expect(throws: AuditPolicy.PolicyError.self) { try AuditPolicy(json: Sample.json(text)) }
        }
    }

    private func event(_ number: Int, level: AuditLevel = .requestResponse) -> AuditEvent {
        var request = RequestAttributes(
            user: UserInfo(name: "admin", groups: ["dev"]), verb: "create", group: "apps", resource: "deployments",
            namespace: "prod", name: "web")
        request.version = "v1"
        var event = AuditEvent(
            level: level, stage: .responseComplete, auditID: "id-\(number)", attributes: request,
            requestURI: "/apis/apps/v1/namespaces/prod/deployments", received: 1_800_000_000_000_000_000,
            staged: 1_800_000_000_001_000_000)
        event.impersonated = UserInfo(name: "jane")
        event.sourceAddresses = ["192.0.2.1"]
        event.userAgent = "kubectl"
        event.code = 201
        event.requestObject = ["a": 1]
        event.responseObject = ["b": 2]
        event.annotations = ["authorization.k8s.io/decision": "allow"]
        return event
    }

    @Test func eventsAreUpstreams() {
        #expect(
            JSONWriter.text(event(1).json)
                == #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id-1","#
                + #""stage":"ResponseComplete","requestURI":"/apis/apps/v1/namespaces/prod/deployments","verb":"create","#
                + #""user":{"username":"admin","groups":["dev"]},"impersonatedUser":{"username":"jane"},"#
                + #""sourceIPs":["192.0.2.1"],"userAgent":"kubectl","objectRef":{"resource":"deployments","#
                + #""namespace":"prod","name":"web","apiGroup":"apps","apiVersion":"v1"},"#
                + #""responseStatus":{"metadata":{},"code":201},"requestObject":{"a":1},"responseObject":{"b":2},"#
                + #""requestReceivedTimestamp":"2027-01-15T08:00:00.000000Z","#
                + #""stageTimestamp":"2027-01-15T08:00:00.001000Z","#
                + #""annotations":{"authorization.k8s.io/decision":"allow"}}"#)
        let brief = event(1, level: .metadata).json
        #expect(brief["requestObject"] == nil && brief["responseObject"] == nil)
    }

    @Test func theFileIsBounded() throws {
        let folder = NSTemporaryDirectory() + "apus-audit-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = try AuditLog(
            policy: try AuditPolicy(json: Sample.json(Self.policy)),
            file: AuditFile(path: folder + "/audit.log", mostBytes: 4000, backups: 2, now: { Sample.now }),
            logger: Logger(label: "test"))
        for number in 0..<50 { log.put(event(number)) }
        var received = event(1000)
        received.stage = .requestReceived
        log.put(received)
        log.stop()
        #expect(log.dropped == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names.count == 3 && names.contains("audit.log"))
        let text = try String(contentsOfFile: folder + "/audit.log", encoding: .utf8)
        let lines = try text.split(separator: "\n").map { try JSONParser.parse(String($0)) }
        #expect(lines.last?["auditID"] == "id-49")
        for name in names {
            let size = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int
            #expect((size ?? 0) <= 4000)
        }
    }
}
