import KubeAPI
import Logging
import TestThreads
import Testing

@testable import APIServer

/// What the server says of itself in its own objects.
@Suite(.ownThread) struct UpkeepTests {
    private static func definition(_ group: String, _ versions: [String: Bool]) -> JSONValue {
        let list: [JSONValue] = versions.sorted { $0.key < $1.key }.map { name, isServed in
            ["name": .string(name), "served": .bool(isServed)]
        }
        return ["spec": ["group": .string(group), "versions": .array(list)]]
    }

    private static func service(_ spec: JSONValue, kept: String = "true", available: Bool = true) -> JSONValue {
        var service: JSONValue = [
            "metadata": ["labels": ["kube-aggregator.kubernetes.io/automanaged": .string(kept)]], "spec": spec,
        ]
        if available {
            service[path: "status", "conditions"] = .array(APIServicePlan.available(service, now: 0))
        }
        return service
    }

    private static let spec: JSONValue = [
        "group": "e.com", "version": "v1", "groupPriorityMinimum": 1000, "versionPriority": 100,
    ]

    @Test func servicesFollowTheDefinitions() {
        let definitions = [Self.definition("e.com", ["v1": true, "v2": false])]
        let first = APIServicePlan(services: [:], definitions: definitions)
        #expect(first.missing.map { $0.meta("name") } == ["v1.e.com"] && first.missing.first?["spec"] == Self.spec)
        let settled = APIServicePlan(services: ["v1.e.com": Self.service(Self.spec)], definitions: definitions)
        #expect(settled.missing.isEmpty && settled.changed.isEmpty && settled.superfluous.isEmpty)
        #expect(settled.unsettled.isEmpty)

        var odd = Self.spec
        odd[path: "versionPriority"] = 7
        #expect(
            APIServicePlan(services: ["v1.e.com": Self.service(odd)], definitions: definitions).changed.keys.sorted()
                == ["v1.e.com"])
        // Whoever takes the label off keeps the object as he likes.
        let mine = APIServicePlan(services: ["v1.e.com": Self.service(odd, kept: "no")], definitions: definitions)
        #expect(mine.changed.isEmpty && mine.superfluous.isEmpty)
        let gone = APIServicePlan(
            services: ["v1.e.com": Self.service(Self.spec), "v1.apps": Self.service([:], kept: "onstart")],
            definitions: [])
        #expect(gone.superfluous == ["v1.e.com"])
    }

    @Test func localServicesAreAvailableAndOthersAreNot() {
        let plan = APIServicePlan(
            services: ["v1.apps": Self.service([:], kept: "onstart", available: false)], definitions: [])
        #expect(plan.unsettled == ["v1.apps"])
        func shown(_ spec: JSONValue, served: Set<String> = []) -> [JSONValue?] {
            let service: JSONValue = ["metadata": ["name": "v1beta1.metrics.k8s.io"], "spec": spec]
            let condition = APIServicePlan.available(service, served, now: 0).first
            return [condition?["type"], condition?["status"], condition?["reason"], condition?["message"]]
        }
        #expect(shown([:]) == ["Available", "True", "Local", "Local APIServices are always available"])
        #expect(shown(["service": ["name": "s"]]).prefix(3) == ["Available", "False", "NotAggregated"])
        let here = shown(["service": ["name": "s"]], served: ["v1beta1.metrics.k8s.io"])
        #expect(here.prefix(2) == ["Available", "True"])
    }

    @Test func aConditionsTimeStaysWithItsStatus() {
        let second: Int64 = 1_000_000_000
        let schema: JSONValue = ["spec": ["priorityLevelConfiguration": ["name": "high"]]]
        func next(_ before: [JSONValue], _ levels: Set<String>, at now: Int64) -> [JSONValue] {
            var schema = schema
            schema[path: "status", "conditions"] = .array(before)
            return FlowSchemaUpkeep.conditions(of: schema, levels, now: now * second)
        }
        let found = next([], ["high"], at: 1)
        #expect(
            found.first == [
                "type": "Dangling", "status": "False", "lastTransitionTime": "1970-01-01T00:00:01Z", "reason": "Found",
                "message":
                    "This FlowSchema references the PriorityLevelConfiguration object named \"high\" and it exists",
            ])
        #expect(next(found, ["high"], at: 9) == found)
        let lost = next(found, [], at: 9)
        #expect(lost.first?["status"] == "True" && lost.first?["reason"] == "NotFound")
        #expect(lost.first?["lastTransitionTime"] == "1970-01-01T00:00:09Z")
    }

    private func condition(_ client: ServedClient, _ path: String) async throws -> JSONValue? {
        try await client.object(path)[path: "status", "conditions"]?.array?.first
    }

    @Test func theyAreKeptAsThingsChange() async throws {
        try await withServer { client in
            let logger = Logger(label: "test")
            let services = try #require(APIServiceUpkeep(client.registry, logger: logger))
            let schemas = try #require(FlowSchemaUpkeep(client.registry, logger: logger))
            let work = [Task { try await services.run() }, Task { try await schemas.run() }]
            defer { for task in work { task.cancel() } }

            let apis = "/apis/apiregistration.k8s.io/v1/apiservices"
            let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            try await client.change(
                "POST", definitions,
                #"{"metadata":{"name":"as.e.com"},"spec":{"group":"e.com","scope":"Cluster","names":{"plural":"as","kind":"A"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}"#
            )
            try await untilTrue {
                guard try await client.send("GET", "\(apis)/v1.e.com").status == 200 else { return false }
                return try await condition(client, "\(apis)/v1.e.com")?["status"] == "True"
            }
            try await client.change("DELETE", "\(definitions)/as.e.com")
            try await untilTrue { try await client.send("GET", "\(apis)/v1.e.com").status == 404 }

            let flow = "/apis/flowcontrol.apiserver.k8s.io/v1"
            try await client.change(
                "POST", "\(flow)/flowschemas",
                #"{"metadata":{"name":"f"},"spec":{"priorityLevelConfiguration":{"name":"l"},"matchingPrecedence":5}}"#)
            try await untilTrue { try await condition(client, "\(flow)/flowschemas/f")?["status"] == "True" }
            try await client.change(
                "POST", "\(flow)/prioritylevelconfigurations",
                #"{"metadata":{"name":"l"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}"#)
            try await untilTrue { try await condition(client, "\(flow)/flowschemas/f")?["status"] == "False" }
        }
    }
}
