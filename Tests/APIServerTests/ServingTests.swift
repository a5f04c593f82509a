import AccessControl
import AsyncHTTPClient
import Foundation
import KubeAPI
import KubeSchema
import Logging
import Manifests
import NIOCore
import NetTypes
import Processes
import Store
import Synchronization
import Telemetry
import TestPrograms
import TestThreads
import Testing

@testable import APIServer

/// What the server does with every request, over a real connection and the embedded store.
@Suite(.ownThread) struct ServingTests {
    private static let configMaps = ServedClient.configMaps

    @Test func aNodeIsRegisteredWithItsStatus() async throws {
        try await withServer { client in
            let json = ["Content-Type": "application/json"]
            let node = try await client.send(
                "POST", "/api/v1/nodes", json,
                body: #"{"metadata":{"name":"n"},"status":{"capacity":{"cpu":"4"}}}"#)
            #expect(node.status == 201 && node.text.contains(#""capacity":{"cpu":"4"}"#), "\(node.text)")
            // Of other kinds only the subresource is heard.
            let namespace = try await client.send(
                "POST", "/api/v1/namespaces", json, body: #"{"metadata":{"name":"n"},"status":{"phase":"Terminating"}}"#
            )
            #expect(namespace.status == 201 && namespace.text.contains(#""phase":"Active""#), "\(namespace.text)")
        }
    }

    // MARK: - gzip

    @Test func longAnswersAreCompressedForThoseWhoAskForIt() async throws {
        try await withServer { client in
            let text = (0..<20_000).map { "line \($0 * 7919 % 10_007)" }.joined(separator: " ")
            for name in ["a", "b", "c"] {
                let body = #"{"metadata":{"name":"\#(name)"},"data":{"text":"\#(text)"}}"#
                let made = try await client.send(
                    "POST", Self.configMaps, ["Content-Type": "application/json"], body: body)
                #expect(made.status == 201)
            }
            // One object whole, a list in pieces.
            for path in ["\(Self.configMaps)/a", Self.configMaps] {
                let plain = try await client.send("GET", path)
                #expect(plain.headers["content-encoding"] == nil && plain.body.count > 128 << 10)
                let packed = try await client.send("GET", path, ["Accept-Encoding": "deflate, gzip;q=0.5"])
                #expect(packed.headers["content-encoding"] == "gzip" && packed.headers["vary"] == "Accept-Encoding")
                #expect(packed.body.count < plain.body.count / 2)
                #expect(try Self.unpacked(packed.body) == plain.body)
            }
            for (path, accepted) in [
                ("\(Self.configMaps)/a", "gzip;q=0"), ("\(Self.configMaps)?labelSelector=none", "gzip"),
            ] {
                let plain = try await client.send("GET", path, ["Accept-Encoding": accepted])
                #expect(plain.headers["content-encoding"] == nil)
            }
        }
    }

    private static func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let gzip = Program.start("gzip", ["-dc"])
        let finished = try FinishedProcess.run(gzip, input: bytes, limit: .seconds(60), outputLimit: 64 << 20)
        #expect(finished.end == .exit(0), "\(finished.errorText)")
        return finished.output
    }

    // MARK: - YAML

    @Test func bodiesMayBeYAML() async throws {
        try await withServer { options, _ in
            options.yaml = { bytes in
                try YAMLDocuments.parse(String(decoding: bytes, as: UTF8.self), file: "body").first?.value ?? .null
            }
            return []
        } _: { client in
            let yaml = ["Content-Type": "application/yaml"]
            let made = try await client.send(
                "POST", Self.configMaps, yaml.merging(["Accept": "application/yaml"]) { $1 },
                body: "metadata:\n  name: y\ndata:\n  \"on\": \"1\"\n  b: two\n")
            #expect(made.status == 201 && made.headers["content-type"] == "application/yaml", "\(made.text)")
            #expect(made.text.contains("  b: \"two\"\n"))
            let wrong = try await client.send("POST", Self.configMaps, yaml, body: "metadata: {name: z\n")
            #expect(
                wrong.status == 400 && wrong.text.contains("(must be of type ConfigMap): body:"), "\(wrong.text)")
            let number = try await client.send(
                "POST", Self.configMaps, yaml, body: "metadata: {name: z}\ndata: {a: 1}\n")
            #expect(number.status == 400 && number.text.contains("cannot unmarshal number"), "\(number.text)")
            let applied = try await client.send(
                "PATCH", "\(Self.configMaps)/y?fieldManager=m&force=true",
                ["Content-Type": "application/apply-patch+yaml"],
                body: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {c: three}\n")
            #expect(applied.status == 200 && applied.text.contains(#""c":"three""#), "\(applied.text)")
        }
    }

    @Test func withoutAReaderOfYAMLItIsRefused() async throws {
        try await withServer { client in
            let refused = try await client.send(
                "POST", Self.configMaps, ["Content-Type": "application/yaml"], body: "metadata: {name: z}")
            #expect(refused.status == 415, "\(refused.text)")
        }
    }

    // MARK: - Audit

    private final class Events: AuditSink {
        let all = Mutex<[AuditEvent]>([])

        func level(for attributes: RequestAttributes) -> AuditLevel { .metadata }
        func record(_ event: AuditEvent) async { all.withLock { $0.append(event) } }
    }

    @Test func theAuditLogTellsWhoActsAsWhom() async throws {
        let events = Events()
        try await withServer { options, _ in
            options.audit = events
            options.impersonator = Impersonation(SampleAuthorizer { $0.user.name == "admin" })
            return []
        } _: { client in
            for headers in [["Impersonate-User": "jane"], [:]] {
                let answer = try await client.send("GET", Self.configMaps, headers)
                #expect(answer.status == 200)
            }
        }
        let done = events.all.withLock { $0.filter { $0.stage == .responseComplete } }
        #expect(done.map { $0.json["user"]?["username"]?.string } == ["admin", "admin"])
        #expect(done.map(\.sourceAddresses) == [["127.0.0.1"], ["127.0.0.1"]])
        #expect(done.map { $0.json["impersonatedUser"]?["username"]?.string } == ["jane", nil])
    }

    @Test func everyEventSaysWhatWasDecidedAndWhatPluginsFound() async throws {
        let events = Events()
        try await withServer { options, _ in
            options.audit = events
            options.authorizer = SampleAuthorizer { $0.user.name == "admin" }
            return []
        } _: { client in
            try await client.change(
                "POST", "/api/v1/namespaces",
                #"{"metadata":{"name":"n","labels":{"pod-security.kubernetes.io/audit":"baseline"}}}"#)
            try await client.change(
                "POST", "/api/v1/namespaces/n/pods",
                #"{"metadata":{"name":"p"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i"}]}}"#)
            #expect(try await client.send("GET", Self.configMaps, as: "slow").status == 403)
        } admission: { store in
            AdmissionChain([PodSecurityAdmission(StoredObjects(store))])
        }
        let done = events.all.withLock { $0.filter { $0.stage == .responseComplete } }.map(\.annotations)
        #expect(done.map { $0["authorization.k8s.io/decision"] } == ["allow", "allow", "forbid"])
        #expect(done.allSatisfy { $0["authorization.k8s.io/reason"] != nil })
        let violations = done.map { $0["pod-security.kubernetes.io/audit-violations"] }
        #expect(violations[0] == nil && violations[1]?.contains("hostNetwork") == true && violations[2] == nil)
    }

    @Test func whoIsNotKnownIsInTheAuditLogToo() async throws {
        let events = Events()
        try await withServer { options, _ in
            options.audit = events
            return []
        } _: { client in
            let refused = try await client.send("GET", Self.configMaps, as: "nobody")
            #expect(refused.status == 401)
        }
        let all = events.all.withLock { $0 }
        #expect(all.map(\.stage) == [.responseStarted] && all.map(\.code) == [401])
        let status = all.first?.json["responseStatus"]
        #expect(status?["message"] == "Authentication failed, attempted: bearer" && status?["reason"] == "Unauthorized")
        #expect(all.first?.json["user"] == .emptyObject && all.first?.attributes.resource == "configmaps")
    }

    @Test func aWatchHasAnEventWhenItBeginsAndOneWhenItIsOver() async throws {
        let events = Events()
        try await withServer { options, _ in
            options.audit = events
            return []
        } _: { client in
            _ = try await client.watched("\(Self.configMaps)?resourceVersion=1")
            try await untilTrue { events.all.withLock { $0.count } == 3 }
        }
        let all = events.all.withLock { $0 }
        #expect(all.map(\.stage) == [.requestReceived, .responseStarted, .responseComplete])
        #expect(all.map(\.code) == [0, 200, 200])
    }

    // MARK: - Flow control

    /// A level without seats, and a schema that leads a user there: they hold from the moment that they are written.
    @Test func flowSchemasHoldAsTheyAreWritten() async throws {
        try await withServer { options, store in
            let flow = FlowController()
            options.flowControl = flow
            return [ObjectFeed.flowControl(flow, store: store, logger: Logger(label: "test"))]
        } _: { client in
            let json = ["Content-Type": "application/json"]
            let base = "/apis/flowcontrol.apiserver.k8s.io/v1"
            func status(of user: String) async throws -> Int {
                try await client.send("GET", Self.configMaps, as: user).status
            }
            #expect(try await status(of: "slow") == 200)
            let level = try await client.send(
                "POST", "\(base)/prioritylevelconfigurations", json,
                body: """
                    {"metadata":{"name":"none"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":0,
                     "borrowingLimitPercent":0,"limitResponse":{"type":"Reject"}}}}
                    """)
            #expect(level.status == 201, "\(level.text)")
            let schema = try await client.send(
                "POST", "\(base)/flowschemas", json,
                body: """
                    {"metadata":{"name":"slow"},"spec":{"matchingPrecedence":2,"priorityLevelConfiguration":{"name":"none"},
                     "rules":[{"subjects":[{"kind":"User","user":{"name":"slow"}}],"resourceRules":[{"verbs":["*"],
                      "apiGroups":["*"],"resources":["*"],"namespaces":["*"]}]}]}}
                    """)
            #expect(schema.status == 201, "\(schema.text)")
            try await untilTrue { try await status(of: "slow") == 429 }
            let refused = try await client.send("GET", Self.configMaps, as: "slow")
            #expect(
                refused.headers["retry-after"] == "1" && refused.text.contains("TooManyRequests"), "\(refused.text)")
            #expect(try await status(of: "admin") == 200)
            let wider = try await client.send(
                "PATCH", "\(base)/prioritylevelconfigurations/none", ["Content-Type": "application/merge-patch+json"],
                body: #"{"spec":{"limited":{"nominalConcurrencyShares":50}}}"#)
            #expect(wider.status == 200, "\(wider.text)")
            try await untilTrue { try await status(of: "slow") == 200 }
            let served = try await client.send("GET", Self.configMaps, as: "slow")
            #expect(served.headers["x-kubernetes-pf-flowschema-uid"]?.isEmpty == false)
            let gone = try await client.send("DELETE", "\(base)/flowschemas/slow")
            #expect(gone.status == 200, "\(gone.text)")
        }
    }

    // MARK: - Creating by other means

    @Test func whatPutAndApplyCreateNeedsTheRightToCreate() async throws {
        try await withServer { options, _ in
            options.authorizer = SampleAuthorizer { $0.user.name == "admin" || $0.verb != "create" }
            return []
        } _: { client in
            let lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/l"
            let leaseBody = #"{"metadata":{"name":"l"}}"#
            let applied = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}"#
            let path = "\(Self.configMaps)/c?fieldManager=m"
            let apply = ["Content-Type": "application/apply-patch+yaml"]
            for (answer, resource) in [
                (try await client.send("PATCH", path, apply, body: applied, as: "slow"), "configmaps"),
                (try await client.send("PUT", lease, body: leaseBody, as: "slow"), "leases"),
            ] {
                #expect(answer.status == 403, "\(answer.text)")
                #expect(answer.text.contains("cannot create resource \\\"\(resource)\\\""), "\(answer.text)")
            }
            #expect(try await client.send("PUT", lease, body: leaseBody, as: "admin").status == 201)
            #expect(try await client.send("PATCH", path, apply, body: applied, as: "admin").status == 201)
            // What is there may be changed.
            #expect(try await client.send("PATCH", path, apply, body: applied, as: "slow").status == 200)
        }
    }

    @Test func whatIsAnsweredAndNotStoredPassesAdmissionToo() async throws {
        try await withServer { options, _ in
            options.subresources["serviceaccounts/token"] = VirtualResourceHandler(SelfReview())
            return []
        } _: { client in
            let answer = try await client.send(
                "POST", "/api/v1/namespaces/default/serviceaccounts/s/token", ["Content-Type": "application/json"],
                body: #"{"spec":{"audiences":[]}}"#)
            #expect(answer.status == 403 && answer.text.contains("not today"), "\(answer.text)")
        } admission: { _ in
            AdmissionChain([Refusal()])
        }
    }

    @Test func whatIsWrongWithAQuestionIsToldOfItsKind() async throws {
        try await withServer { options, _ in
            options.subresources["serviceaccounts/token"] = VirtualResourceHandler(Unanswerable())
            return []
        } _: { client in
            let answer = try await client.send(
                "POST", "/api/v1/namespaces/default/serviceaccounts/s/token", ["Content-Type": "application/json"],
                body: #"{"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","spec":{"audiences":[]}}"#)
            let status = try Status(json: try answer.json)
            #expect(
                status.message == #"TokenRequest.authentication.k8s.io "" is invalid: spec: Required value: a why"#)
        }
    }

    private struct Unanswerable: VirtualResource {
        func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue {
            throw InvalidObject([FieldError(.required, "spec", nil, "a why")])
        }
    }

    private struct Refusal: AdmissionPlugin {
        let name = "Refusal"

        func validate(_ request: AdmissionRequest) async throws {
            if request.isAbout("", "serviceaccounts", "token") { throw request.forbidden("not today") }
        }
    }

    // MARK: - Warnings

    @Test func kindsThatGoAwayWarnWithEveryAnswer() async throws {
        try await withServer { client in
            let path = "/api/v1/namespaces/default/endpoints"
            try await client.change("POST", path, #"{"metadata":{"name":"e"}}"#)
            for path in [path, "\(path)/e", "\(path)?watch=1&timeoutSeconds=1"] {
                let answer = try await client.send("GET", path)
                #expect(
                    answer.headers["warning"]
                        == #"299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice""#)
            }
            let owner = #"{"apiVersion":"v1","kind":"Node","name":"n","uid":"u"}"#
            let owned = try await client.send(
                "POST", Self.configMaps, ["Content-Type": "application/json"],
                body: #"{"metadata":{"name":"o","ownerReferences":[\#(owner),\#(owner)]}}"#)
            #expect(owned.headers["warning"]?.contains("duplicate UID(s) observed: u") == true, "\(owned.text)")
            #expect(try owned.json[path: "metadata", "ownerReferences"]?.array?.count == 1)
            let service = try await client.send(
                "POST", "/api/v1/namespaces/default/services", ["Content-Type": "application/json"],
                body: #"{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}],"externalIPs":["192.0.2.1"]}}"#)
            #expect(
                service.status == 201
                    && service.headers["warning"]?.contains("spec.externalIPs is deprecated") == true)
        }
    }
}

extension ServingTests {
    // MARK: - OpenAPI

    @Test func documentsBearTheTagAndTheHashOfTheirContent() async throws {
        try await withServer { client in
            let index = try await client.send("GET", "/openapi/v3")
            let address = try #require(
                try index.json[path: "paths", "apis/apps/v1", "serverRelativeURL"]?.string)
            let document = try await client.send("GET", address)
            #expect(document.headers["cache-control"] == "public, immutable" && document.headers["expires"] != nil)
            let tag = try #require(document.headers["etag"])
            let same = try await client.send("GET", address, ["If-None-Match": tag])
            #expect(same.status == 304 && same.body.isEmpty)
            // What was asked for once is now another document.
            let old = try await client.send("GET", "/openapi/v3/apis/apps/v1?hash=0", [:])
            #expect(old.status == 200 && old.body == document.body)
            try await client.change(
                "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                #"{"metadata":{"name":"as.e.com"},"spec":{"group":"e.com","scope":"Cluster","names":{"plural":"as","kind":"A"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"#
            )
            try await untilTrue { try await client.send("GET", "/openapi/v3").headers["etag"] != index.headers["etag"] }
            #expect(try await client.send("GET", address, ["If-None-Match": tag]).status == 304)
        }
    }
}

func untilTrue(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(90)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "it did not come about within 90 s")
        try await Task.sleep(for: .milliseconds(10))
    }
}
