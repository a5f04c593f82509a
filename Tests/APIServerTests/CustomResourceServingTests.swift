import KubeAPI
import TestThreads
import Testing

@testable import APIServer

/// Kinds that a CustomResourceDefinition brings, over HTTP.
@Suite(.ownThread) struct CustomResourceServingTests {
    private static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    private static let boxes = "/apis/example.com/v1/namespaces/default/boxes"
    private static let json = ["Content-Type": "application/json"]

    private static let schema = """
        {"openAPIV3Schema":{"type":"object","properties":{
         "spec":{"type":"object","properties":{"size":{"type":"integer"},"color":{"type":"string"}}},
         "status":{"type":"object","properties":{"size":{"type":"integer"},"chosen":{"type":"string"}}}}}}
        """
    private static let scale = """
        {"specReplicasPath":".spec.size","statusReplicasPath":".status.size","labelSelectorPath":".status.chosen"}
        """

    private static func version(
        _ name: String, stored: Bool = true, scale: String = scale, _ more: String = ""
    ) -> String {
        """
        {"name":"\(name)","served":true,"storage":\(stored),"schema":\(schema),
         "subresources":{"status":{},"scale":\(scale)},"selectableFields":[{"jsonPath":".spec.color"}]\(more)}
        """
    }

    private static func definition(_ versions: String..., group: String = "example.com") -> String {
        """
        {"metadata":{"name":"boxes.\(group)"},"spec":{"group":"\(group)","scope":"Namespaced",
         "names":{"plural":"boxes","singular":"box","kind":"Box","listKind":"BoxList"},
         "versions":[\(versions.joined(separator: ","))]}}
        """
    }

    private static func box(_ metadata: String, _ spec: String) -> String {
        #"{"apiVersion":"example.com/v1","kind":"Box","metadata":\#(metadata),"spec":\#(spec)}"#
    }

    private func serve(_ client: ServedClient, _ definition: String) async throws {
        try await client.change("POST", Self.definitions, definition)
        try await untilServed(client)
    }

    // MARK: - Scale

    @Test func scaleReadsAndWritesTheFieldsThatAreNamed() async throws {
        try await withServer { client in
            try await serve(client, Self.definition(Self.version("v1")))
            try await client.change("POST", Self.boxes, Self.box(#"{"name":"b"}"#, #"{"color":"red"}"#))
            let unset = try await client.send("GET", "\(Self.boxes)/b/scale")
            #expect(unset.status == 500 && unset.text.contains("\\\".spec.size\\\" does not exist"), "\(unset.text)")

            try await client.merge("\(Self.boxes)/b", #"{"spec":{"size":2}}"#)
            try await client.merge("\(Self.boxes)/b/status", #"{"status":{"size":1,"chosen":"app=box"}}"#)
            let read = try await client.object("\(Self.boxes)/b/scale")
            #expect(read["kind"] == "Scale" && read[path: "spec", "replicas"] == 2)
            #expect(read["status"] == ["replicas": 1, "selector": "app=box"])

            var wanted = read
            wanted[path: "spec", "replicas"] = 5
            let put = try await client.change("PUT", "\(Self.boxes)/b/scale", JSONWriter.text(wanted))
            #expect(put[path: "spec", "replicas"] == 5)
            #expect(try await client.object("\(Self.boxes)/b")["spec"] == ["color": "red", "size": 5])
            try await client.merge("\(Self.boxes)/b/scale", #"{"spec":{"replicas":7}}"#)
            let scaled = try await client.object("\(Self.boxes)/b")
            #expect(scaled["spec"] == ["color": "red", "size": 7] && scaled[path: "metadata", "generation"] == 4)
        }
    }

    @Test func definitionsAreCheckedAsUpstreamChecksThem() async throws {
        try await withServer { client in
            for (definition, text) in [
                (
                    Self.definition(
                        Self.version(
                            "v1", scale: #"{"specReplicasPath":".status.size","statusReplicasPath":".status.list[0]"}"#)
                    ),
                    "specReplicasPath: Invalid value: \\\".status.size\\\": should be a json path under .spec"
                ),
                (
                    Self.definition(Self.version("v1", scale: #"{"specReplicasPath":".spec.size"}"#)),
                    "subresources.scale.statusReplicasPath: Required value"
                ),
                (
                    Self.definition(Self.version("v1"), group: "box.k8s.io"),
                    "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have"
                ),
                (
                    Self.definition(Self.version("v1")).replacing(
                        #"{"type":"string"}"#, with: #"{"type":"object","x-kubernetes-map-type":"set"}"#),
                    #"x-kubernetes-map-type: Unsupported value: \"set\": supported values: \"atomic\", \"granular\""#
                ),
            ] {
                let refused = try await client.send("POST", Self.definitions, Self.json, body: definition)
                #expect(refused.status == 422 && refused.text.contains(text), "\(refused.text)")
            }
            // Approved, or said not to be.
            let unapproved = Self.definition(Self.version("v1"), group: "box.k8s.io").replacing(
                #""metadata":{"#,
                with: #""metadata":{"annotations":{"api-approved.kubernetes.io":"unapproved, a test"},"#)
            try await client.change("POST", Self.definitions, unapproved)
            // What was stored in a version that is taken away could not be read.
            try await client.change("POST", Self.definitions, Self.definition(Self.version("v1")))
            let refused = try await client.send(
                "PATCH", "\(Self.definitions)/boxes.example.com", ["Content-Type": "application/merge-patch+json"],
                body: "{\"spec\":{\"versions\":[\(Self.version("v2"))]}}")
            #expect(
                refused.status == 422 && refused.text.contains("storedVersions[0]: Invalid value"), "\(refused.text)")
        }
    }

    // MARK: - Status

    @Test func theStatusSubresourceChangesTheStatusAlone() async throws {
        try await withServer { client in
            try await serve(client, Self.definition(Self.version("v1")))
            try await client.change("POST", Self.boxes, Self.box(#"{"name":"b","labels":{"a":"1"}}"#, #"{"size":1}"#))
            let changed = try await client.merge(
                "\(Self.boxes)/b/status",
                #"{"metadata":{"labels":{"a":"2"},"annotations":{"n":"1"}},"spec":{"size":9},"status":{"size":3}}"#)
            #expect(changed[path: "metadata", "labels"] == ["a": "1"])
            #expect(changed[path: "metadata", "annotations"] == nil)
            #expect(changed["spec"] == ["size": 1] && changed["status"] == ["size": 3])
            let writers = changed[path: "metadata", "managedFields"]?.array ?? []
            #expect(writers.contains { $0["subresource"] == "status" })
            // Those of built-in kinds take metadata with it.
            let namespaces = "/api/v1/namespaces"
            try await client.change("POST", namespaces, #"{"metadata":{"name":"n"}}"#)
            let namespace = try await client.merge("\(namespaces)/n/status", #"{"metadata":{"labels":{"a":"2"}}}"#)
            #expect(namespace[path: "metadata", "labels", "a"] == "2")
        }
    }

    // MARK: - Selectable fields

    @Test func selectableFieldsSelectInListsAndWatches() async throws {
        try await withServer { client in
            try await serve(client, Self.definition(Self.version("v1")))
            let start = try await client.object(Self.boxes)[path: "metadata", "resourceVersion"]?.string ?? ""
            for (name, color) in [("a", "blue"), ("b", "red"), ("c", "blue")] {
                try await client.change(
                    "POST", Self.boxes, Self.box(#"{"name":"\#(name)"}"#, #"{"color":"\#(color)"}"#))
            }
            try await client.merge("\(Self.boxes)/a", #"{"spec":{"color":"red"}}"#)
            let blue = "\(Self.boxes)?fieldSelector=spec.color%3Dblue"
            #expect(try await client.object(blue)["items"]?.array?.map { $0.meta("name") } == ["c"])
            let seen = try await client.watched("\(blue)&resourceVersion=\(start)").map {
                "\($0["type"]?.string ?? "") \($0["object"]?.meta("name") ?? "")"
            }
            #expect(seen == ["ADDED a", "ADDED c", "DELETED a"])
            let unknown = try await client.send("GET", "\(Self.boxes)?fieldSelector=spec.size%3D1")
            #expect(unknown.status == 400 && unknown.text.contains("field label not supported: spec.size"))
        }
    }

    // MARK: - Warnings

    @Test func deprecatedVersionsAndUnevaluatedRulesAreTold() async throws {
        try await withServer { client in
            let rules = Self.version("v1").replacing(
                #""spec":{"type":"object","#,
                with: #""spec":{"type":"object","x-kubernetes-validations":[{"rule":"self.size > 0"}],"#)
            let definition = Self.definition(
                rules, Self.version("v1beta1", stored: false, #","deprecated":true"#),
                Self.version("v1alpha1", stored: false, #","deprecated":true,"deprecationWarning":"leave boxes alone""#)
            )
            let made = try await client.send("POST", Self.definitions, Self.json, body: definition)
            #expect(made.headers["warning"]?.contains("x-kubernetes-validations are stored and not evaluated") == true)
            try await untilServed(client)
            for (version, warning) in [
                ("v1", nil), ("v1beta1", #"299 - "example.com/v1beta1 Box is deprecated; use example.com/v1 Box""#),
                ("v1alpha1", #"299 - "leave boxes alone""#),
            ] {
                let list = try await client.send("GET", "/apis/example.com/\(version)/namespaces/default/boxes")
                #expect(list.status == 200 && list.headers["warning"] == warning, "\(version) \(list.headers)")
            }
            let conditions = try await client.object("\(Self.definitions)/boxes.example.com")[
                path: "status", "conditions"]
            #expect(
                conditions?.array?.contains { $0["type"] == "ValidationRulesIgnored" && $0["status"] == "True" } == true
            )
        }
    }

    private func untilServed(_ client: ServedClient) async throws {
        for _ in 0..<3000 {
            if try await client.send("GET", Self.boxes).status == 200 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the kind is not served")
    }
}
