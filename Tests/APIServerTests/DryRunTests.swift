import KubeAPI
import TestThreads
import Testing

@testable import APIServer

/// A dry run answers as the request would, and nothing has happened after it.
@Suite(.ownThread) struct DryRunTests {
    private static let configMaps = ServedClient.configMaps
    private static let inBody = #"{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}"#

    @Test func writesAreAnsweredAndNotKept() async throws {
        try await withServer { client in
            try await client.change(
                "POST", "\(Self.configMaps)?dryRun=All", #"{"metadata":{"name":"new"},"data":{"a":"1"}}"#)
            #expect(try await client.send("GET", "\(Self.configMaps)/new").status == 404)

            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"},"data":{"a":"1"}}"#)
            let before = try await client.object("\(Self.configMaps)/c")
            let put = try await client.change(
                "PUT", "\(Self.configMaps)/c?dryRun=All", #"{"metadata":{"name":"c"},"data":{"a":"2"}}"#)
            #expect(put[path: "data", "a"] == "2")
            let patched = try await client.merge("\(Self.configMaps)/c?dryRun=All", #"{"data":{"a":"3"}}"#)
            #expect(patched[path: "data", "a"] == "3")
            let applied = try await client.change(
                "PATCH", "\(Self.configMaps)/applied?dryRun=All&fieldManager=m",
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"applied"}}"#,
                type: "application/apply-patch+yaml")
            #expect(applied.meta("name") == "applied")
            #expect(try await client.object("\(Self.configMaps)/c") == before)
            #expect(try await client.send("GET", "\(Self.configMaps)/applied").status == 404)
        }
    }

    /// There are ten node ports.
    @Test func noPortOrAddressIsTaken() async throws {
        try await withServer { client in
            let services = "/api/v1/namespaces/default/services"
            func service(_ name: String) -> String {
                #"{"metadata":{"name":"\#(name)"},"spec":{"type":"NodePort","ports":[{"port":80}]}}"#
            }
            for number in 0..<20 {
                let made = try await client.change("POST", "\(services)?dryRun=All", service("dry-\(number)"))
                #expect(made[path: "spec", "clusterIP"]?.string?.isEmpty == false)
            }
            for number in 0..<10 { try await client.change("POST", services, service("s-\(number)")) }
            // Nor is one given back.
            try await client.change("DELETE", "\(services)/s-0?dryRun=All")
            let full = try await client.send("POST", services, Self.json, body: service("more"))
            #expect(full.status == 500 && full.text.contains("range is full"), "\(full.text)")
            try await client.change("DELETE", "\(services)/s-0")
            try await client.change("POST", services, service("more"))
        }
    }

    private static let json = ["Content-Type": "application/json"]

    @Test func deletionsDeleteNothing() async throws {
        try await withServer { client in
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c","labels":{"a":"b"}}}"#)
            let before = try await client.object("\(Self.configMaps)/c")
            for (path, body) in [
                ("\(Self.configMaps)/c?dryRun=All", ""), ("\(Self.configMaps)/c", Self.inBody),
                ("\(Self.configMaps)?labelSelector=a%3Db&dryRun=All", ""),
                ("\(Self.configMaps)?labelSelector=a%3Db", Self.inBody),
            ] {
                let answer = try await client.change("DELETE", path, body)
                #expect(answer["status"] == "Success" || answer["items"]?.array?.count == 1, "\(path)")
                #expect(try await client.object("\(Self.configMaps)/c") == before, "\(path) \(body)")
            }
            try await client.merge("\(Self.configMaps)/c", #"{"metadata":{"finalizers":["example.com/f"]}}"#)
            let held = try await client.object("\(Self.configMaps)/c")
            let marked = try await client.change("DELETE", "\(Self.configMaps)/c", Self.inBody)
            #expect(marked[path: "metadata", "deletionTimestamp"] != nil)
            #expect(try await client.object("\(Self.configMaps)/c") == held)
        }
    }

    @Test func deleteOptionsAreChecked() async throws {
        try await withServer { client in
            try await client.change("POST", Self.configMaps, #"{"metadata":{"name":"c"}}"#)
            for (body, text) in [
                (#"{"dryRun":["Some"]}"#, #"dryRun: Unsupported value: [\"Some\"]: supported values: \"All\""#),
                (
                    #"{"propagationPolicy":"Orphan","orphanDependents":true}"#,
                    #"Invalid value: \"Orphan\": orphanDependents and deletionPropagation cannot be both set"#
                ), (#"{"propagationPolicy":"Away"}"#, #"Unsupported value: \"Away\""#),
            ] {
                let refused = try await client.send("DELETE", "\(Self.configMaps)/c", Self.json, body: body)
                #expect(refused.status == 422 && refused.text.contains(text), "\(refused.text)")
            }
            #expect(try await client.send("GET", "\(Self.configMaps)/c").status == 200)
        }
    }

    @Test func evictionsChargeNoBudget() async throws {
        try await withServer { options, _ in
            options.subresources["pods/eviction"] = PodEvictionHandler()
            return []
        } _: { client in
            let pods = "/api/v1/namespaces/default/pods"
            let budget = "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b"
            try await client.change(
                "POST", pods,
                #"{"metadata":{"name":"p","labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}"#)
            try await client.merge(
                "\(pods)/p/status", #"{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#)
            try await client.change(
                "POST", "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
                #"{"metadata":{"name":"b"},"spec":{"minAvailable":0,"selector":{"matchLabels":{"app":"a"}}}}"#)
            try await client.merge(
                "\(budget)/status",
                #"{"status":{"disruptionsAllowed":1,"currentHealthy":1,"desiredHealthy":0,"expectedPods":1,"observedGeneration":1}}"#
            )
            func allowed() async throws -> JSONValue? {
                try await client.object(budget)[path: "status", "disruptionsAllowed"]
            }
            func evict(_ query: String, _ options: String) async throws {
                try await client.change(
                    "POST", "\(pods)/p/eviction\(query)",
                    #"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}\#(options)}"#)
            }
            try await evict("", #","deleteOptions":{"dryRun":["All"]}"#)
            try await evict("?dryRun=All", "")
            #expect(try await allowed() == 1)
            #expect(try await client.send("GET", "\(pods)/p").status == 200)
            try await evict("", "")
            #expect(try await allowed() == 0)
            #expect(try await client.send("GET", "\(pods)/p").status == 404)
        }
    }

    // MARK: - What becomes of dependents

    @Test func jobsAndReplicationControllersOrphanUnlessTold() async throws {
        try await withServer { client in
            let template =
                #""template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]"#
            for (path, spec) in [
                ("/apis/batch/v1/namespaces/default/jobs", "\(template),\"restartPolicy\":\"Never\"}}"),
                ("/api/v1/namespaces/default/replicationcontrollers", "\(template)}}"),
            ] {
                func make() async throws {
                    try await client.change("POST", path, "{\"metadata\":{\"name\":\"x\"},\"spec\":{\(spec)}}")
                }
                try await make()
                let going = try await client.change("DELETE", "\(path)/x")
                #expect(going[path: "metadata", "finalizers"] == ["orphan"], "\(path)")
                try await client.merge("\(path)/x", #"{"metadata":{"finalizers":null}}"#)
                try await make()
                let foreground = try await client.change(
                    "DELETE", "\(path)/x", #"{"propagationPolicy":"Foreground"}"#)
                #expect(foreground[path: "metadata", "finalizers"] == ["foregroundDeletion"])
                try await client.merge("\(path)/x", #"{"metadata":{"finalizers":null}}"#)
                try await make()
                try await client.change("DELETE", "\(path)/x?propagationPolicy=Background")
                #expect(try await client.send("GET", "\(path)/x").status == 404)
            }
        }
    }
}
